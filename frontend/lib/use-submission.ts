"use client";

import { useEffect, useRef, useState, type FormEvent } from "react";

import { ApiError, asApiError } from "./api/problem";

/**
 * A form: what was entered goes to `send`, one call at a time. After a refusal the focus is on the first field that is
 * at fault. `send` raises ApiError.
 */
export function useSubmission(send: (entered: FormData, form: HTMLFormElement) => Promise<void>) {
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
      await send(new FormData(form), form);
    } catch (failure) {
      setError(asApiError(failure));
    }
    setBusy(false);
  }

  // Without JavaScript a form goes by POST: what was entered never becomes part of an address.
  return { busy, error, form: { ref, onSubmit, method: "post" as const } };
}
