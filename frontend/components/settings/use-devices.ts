"use client";

import { useEffect, useState } from "react";

import { api } from "@/lib/api/client";
import { answerOf, asApiError, type ApiError } from "@/lib/api/problem";
import type { DeviceSession } from "@/lib/api/types";

export interface Devices {
  /** Null until they are known. */
  list: readonly DeviceSession[] | null;
  error: ApiError | null;
  reload: () => void;
}

/** Where the person is logged in. */
export function useDevices(): Devices {
  const [attempt, setAttempt] = useState(0);
  const [list, setList] = useState<readonly DeviceSession[] | null>(null);
  const [failed, setFailed] = useState<{ attempt: number; error: ApiError } | null>(null);

  useEffect(() => {
    let superseded = false;
    answerOf(api.GET("/auth/sessions")).then(
      ({ items }) => {
        if (!superseded) setList(items);
      },
      (error) => {
        if (!superseded) setFailed({ attempt, error: asApiError(error) });
      },
    );
    return () => {
      superseded = true;
    };
  }, [attempt]);

  const error = failed?.attempt === attempt ? failed.error : null;
  return { list, error, reload: () => setAttempt((last) => last + 1) };
}
