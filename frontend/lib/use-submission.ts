"use client";

import { useEffect, useRef, useState, type FormEvent } from "react";

import { ApiError, asApiError } from "./api/problem";

/** Sends what was entered; raises ApiError. "leaving": another page follows, and the form stays busy until then. */
type Send = (entered: FormData, form: HTMLFormElement) => Promise<"leaving" | void>;

/** A form: one call at a time. After a refusal the focus is on the first field that is at fault. */
export function useSubmission(send: Send) {
  const ref = useRef<HTMLFormElement>(null);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);

  useEffect(() => {
    if (error) ref.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, [error]);

  async function onSubmit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    if (busy) return;
    const form = event.currentTarget;
    setBusy(true);
    setError(null);
    try {
      if ((await send(new FormData(form), form)) === "leaving") return;
    } catch (failure) {
      setError(asApiError(failure));
    }
    setBusy(false);
  }

  // Without JavaScript a form goes by POST: what was entered never becomes part of an address.
  return { busy, error, form: { ref, onSubmit, method: "post" as const } };
}
