"use client";

import { useState } from "react";

import { api } from "@/lib/api/client";
import { answerOf, asApiError } from "@/lib/api/problem";
import type { Connection } from "@/lib/api/types";
import { messageOfError } from "@/lib/messages";

import { useIntegrations } from "./integrations-provider";

/** Somebody was faster: what was wanted has happened. */
const DONE_ALREADY: readonly string[] = ["not_found", "not_connected"];

/** Disconnecting an account, with the question before it. `onEnd` is told what has happened, in words. */
export function useDisconnect({ provider, id, account }: Connection, onEnd: (said: string) => void) {
  const { reload } = useIntegrations();
  const [asking, setAsking] = useState(false);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);

  function close() {
    setAsking(false);
    setFailure(null);
  }

  async function disconnect({ purge }: { purge: boolean }) {
    setBusy(true);
    setFailure(null);
    try {
      const body = { connection_id: id, purge };
      await answerOf(api.POST("/integrations/{provider}/disconnect", { params: { path: { provider } }, body }));
    } catch (error) {
      const refusal = asApiError(error);
      if (!DONE_ALREADY.includes(refusal.code)) {
        setFailure(messageOfError(refusal));
        setBusy(false);
        return;
      }
    }
    await reload().catch(() => undefined);
    setBusy(false);
    close();
    onEnd(purge ? `${account.name} is removed with its items.` : `${account.name} is disconnected.`);
  }

  return { asking, ask: () => setAsking(true), close, busy, failure, disconnect };
}
