"use client";

import { useEffect, useRef, useState } from "react";

import { takeCallbackAnswer, type CallbackAnswer } from "./callback-answer";

/** What the address of this page said; undefined until it has been read. */
export function useCallbackAnswer(): CallbackAnswer | undefined {
  const taken = useRef<CallbackAnswer>(undefined);
  const [answer, setAnswer] = useState<CallbackAnswer>();

  useEffect(() => {
    taken.current ??= takeCallbackAnswer(window);
    setAnswer(taken.current);
    // The router has noted the address as it was, and would write it anew: by then it listens to replaceState.
    const settling = setTimeout(() => window.history.replaceState(null, "", location.pathname));
    return () => clearTimeout(settling);
  }, []);

  return answer;
}
