"use client";

import { useEffect, useState } from "react";

import { api } from "@/lib/api/client";
import { answerOf, asApiError, type ApiError } from "@/lib/api/problem";
import type { SecurityEvent } from "@/lib/api/types";

const PAGE_SIZE = 10;

/** Which page is asked for; a new object for each time. */
interface Wanted {
  cursor: string | null;
}

interface Shown {
  wanted: Wanted;
  list: readonly SecurityEvent[];
  next: string | null;
}

export interface Events {
  /** The newest first; null until they are known. */
  list: readonly SecurityEvent[] | null;
  error: ApiError | null;
  loading: boolean;
  /** Start again with the newest. */
  reload: () => void;
  /** Add the next older ones; null where there are none. */
  more: (() => void) | null;
}

/** What happened to the security of the account. */
export function useEvents(): Events {
  const [wanted, setWanted] = useState<Wanted>({ cursor: null });
  const [shown, setShown] = useState<Shown | null>(null);
  const [failed, setFailed] = useState<{ wanted: Wanted; error: ApiError } | null>(null);

  useEffect(() => {
    let superseded = false;
    const query = { cursor: wanted.cursor, limit: PAGE_SIZE };
    answerOf(api.GET("/auth/events", { params: { query } })).then(
      ({ items, next_cursor: next }) => {
        if (superseded) return;
        setShown((before) => ({ wanted, list: [...((wanted.cursor && before?.list) || []), ...items], next }));
      },
      (error) => {
        if (!superseded) setFailed({ wanted, error: asApiError(error) });
      },
    );
    return () => {
      superseded = true;
    };
  }, [wanted]);

  const error = failed?.wanted === wanted ? failed.error : null;
  const next = shown?.next;
  return {
    list: shown?.list ?? null,
    error,
    loading: !error && shown?.wanted !== wanted,
    reload: () => setWanted({ cursor: null }),
    more: next ? () => setWanted({ cursor: next }) : null,
  };
}
