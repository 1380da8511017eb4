"use client";

import { useEffect } from "react";

import { session } from "@/lib/api/client";

/** Asks once per page load whether the browser still holds a session. */
export function SessionRestorer() {
  useEffect(() => {
    void session.restore();
  }, []);
  return null;
}
