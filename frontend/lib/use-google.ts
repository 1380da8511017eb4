"use client";

import { useEffect, useState } from "react";

import { googleUrl } from "./api/client";
import { ApiError, asApiError } from "./api/problem";
import type { SignInPurpose } from "./api/types";
import { webUrl } from "./web-url";

/** Leads this window to Google. `next`: the page of ours to which the person comes back. */
export function useGoogle(purpose: SignInPurpose, next: string) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);

  // Whoever goes back from there may meet this page as it was left.
  useEffect(() => {
    const shown = (event: PageTransitionEvent) => event.persisted && setBusy(false);
    window.addEventListener("pageshow", shown);
    return () => window.removeEventListener("pageshow", shown);
  }, []);

  async function start() {
    setBusy(true);
    setError(null);
    try {
      const url = webUrl(await googleUrl(purpose, next));
      if (url) return window.location.assign(url);
      setError(new ApiError("unexpected", 0));
    } catch (failure) {
      setError(asApiError(failure));
    }
    setBusy(false);
  }

  return { busy, error, start };
}
