"use client";

import { useCallback, useEffect, useState } from "react";

import { api } from "@/lib/api/client";
import { answerOf, asApiError, type ApiError } from "@/lib/api/problem";
import type { ItemPage } from "@/lib/api/types";
import type { ItemFilter } from "@/lib/paths";

export const PAGE_SIZE = 50;

interface Shown {
  cursor: string | null;
  index: number;
  page: ItemPage;
}

/** The items under a filter, page by page. A cursor leads only forward: the earlier ones are kept to go back. */
export function useItemPages({ provider, connection, kind }: ItemFilter) {
  const [cursors, setCursors] = useState<readonly (string | null)[]>([null]);
  const [attempt, setAttempt] = useState(0);
  const [shown, setShown] = useState<Shown | null>(null);
  const [failed, setFailed] = useState<{ cursor: string | null; attempt: number; error: ApiError } | null>(null);
  const [loaded, setLoaded] = useState(-1);

  const index = cursors.length - 1;
  const cursor = cursors[index] ?? null;

  useEffect(() => {
    let superseded = false;
    const query = { provider, connection_id: connection, kind, cursor, limit: PAGE_SIZE };
    answerOf(api.GET("/items", { params: { query } })).then(
      (page) => {
        if (superseded) return;
        setShown({ cursor, index, page });
        setLoaded(attempt);
      },
      (error) => {
        if (!superseded) setFailed({ cursor, attempt, error: asApiError(error) });
      },
    );
    return () => {
      superseded = true;
    };
  }, [provider, connection, kind, cursor, index, attempt]);

  const error = failed?.cursor === cursor && failed.attempt === attempt ? failed.error : null;
  const next = shown?.page.next_cursor;
  return {
    shown,
    error,
    loading: !error && (shown?.cursor !== cursor || loaded !== attempt),
    reload: useCallback(() => setAttempt((last) => last + 1), []),
    restart: () => {
      setCursors([null]);
      setAttempt(attempt + 1);
    },
    previous: index > 0 ? () => setCursors(cursors.slice(0, -1)) : null,
    next: next && shown.cursor === cursor ? () => setCursors([...cursors, next]) : null,
  };
}
