"use client";

import { useEffect, useState } from "react";

import { api } from "@/lib/api/client";
import { answerOf, asApiError, type ApiError } from "@/lib/api/problem";
import type { Item } from "@/lib/api/types";

interface Answer {
  attempt: number;
  item: Item | null;
  error: ApiError | null;
}

/** One item; `item` and `error` are null while it is loading. */
export function useItem(id: string) {
  const [attempt, setAttempt] = useState(0);
  const [answer, setAnswer] = useState<Answer | null>(null);

  useEffect(() => {
    let superseded = false;
    const settle = (told: Omit<Answer, "attempt">) => {
      if (!superseded) setAnswer({ attempt, ...told });
    };
    answerOf(api.GET("/items/{item_id}", { params: { path: { item_id: id } } })).then(
      (item) => settle({ item, error: null }),
      (error) => settle({ item: null, error: asApiError(error) }),
    );
    return () => {
      superseded = true;
    };
  }, [id, attempt]);

  const { item = null, error = null } = answer?.attempt === attempt ? answer : {};
  return { item, error, reload: () => setAttempt(attempt + 1) };
}
