"use client";

import { createContext, useCallback, useContext, useEffect, useMemo, useRef, useState, type ReactNode } from "react";

import { api } from "@/lib/api/client";
import { answerOf, asApiError, type ApiError } from "@/lib/api/problem";
import type { IntegrationList } from "@/lib/api/types";

interface Integrations {
  /** Null until it is known. */
  list: IntegrationList | null;
  error: ApiError | null;
  /** Fetch the list anew. Raises ApiError, which is also kept. */
  reload: () => Promise<IntegrationList>;
}

const IntegrationsContext = createContext<Integrations | null>(null);

export function useIntegrations(): Integrations {
  const integrations = useContext(IntegrationsContext);
  if (!integrations) throw new Error("useIntegrations outside of IntegrationsProvider");
  return integrations;
}

/** GET /integrations, for all pages: fetched at the start, on demand, and when the window is looked at again. */
export function IntegrationsProvider({ children }: { children: ReactNode }) {
  const [list, setList] = useState<IntegrationList | null>(null);
  const [error, setError] = useState<ApiError | null>(null);
  const newest = useRef(0);

  const reload = useCallback(async () => {
    newest.current += 1;
    const ticket = newest.current;
    try {
      const fetched = await answerOf(api.GET("/integrations"));
      // Answers may overtake each other; only the one asked for last is shown.
      if (ticket === newest.current) {
        setList(fetched);
        setError(null);
      }
      return fetched;
    } catch (failure) {
      if (ticket === newest.current) setError(asApiError(failure));
      throw failure;
    }
  }, []);

  useEffect(() => {
    const quietly = () => void reload().catch(() => undefined);
    quietly();
    window.addEventListener("focus", quietly);
    return () => window.removeEventListener("focus", quietly);
  }, [reload]);

  const integrations = useMemo(() => ({ list, error, reload }), [list, error, reload]);
  return <IntegrationsContext value={integrations}>{children}</IntegrationsContext>;
}
