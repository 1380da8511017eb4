"use client";

import { useEffect, useState } from "react";

import { takeMailedToken } from "./mailed-token";

/** The token of the mailed link that has led here; null without one, undefined until the address has been read. */
export function useMailedToken() {
  const [token, setToken] = useState<string | null | undefined>(undefined);

  useEffect(() => {
    let settling: ReturnType<typeof setTimeout>;
    function take() {
      const found = takeMailedToken(window);
      setToken((last) => found ?? last ?? null);
      // The router has noted the address as it was, and would write it anew: by then it listens to replaceState.
      settling = setTimeout(() => window.history.replaceState(null, "", location.pathname + location.search));
    }
    take();
    // A link that is opened in the same tab changes nothing but the part behind the `#`.
    window.addEventListener("hashchange", take);
    return () => {
      clearTimeout(settling);
      window.removeEventListener("hashchange", take);
    };
  }, []);

  return { token, forget: () => setToken(null) };
}
