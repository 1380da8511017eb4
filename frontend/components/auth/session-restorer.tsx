"use client";

import { usePathname } from "next/navigation";
import { useEffect } from "react";

import { session } from "@/lib/api/client";
import { isForEverybody } from "@/lib/paths";

/** Asks once per page load whether the browser still holds a session, as soon as a page wants to know. */
export function SessionRestorer() {
  const wanted = !isForEverybody(usePathname());
  useEffect(() => {
    if (wanted && session.state().status === "restoring") void session.restore();
  }, [wanted]);
  return null;
}
