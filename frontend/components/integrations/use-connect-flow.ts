"use client";

import { useEffect, useEffectEvent, useRef, useState } from "react";

import { apiOrigin } from "@/lib/api/base";
import { api } from "@/lib/api/client";
import { ApiError, answerOf, asApiError } from "@/lib/api/problem";
import type { Connection, IntegrationList } from "@/lib/api/types";
import { callbackOutcome } from "@/lib/callback-message";
import { messageOf, messageOfError } from "@/lib/messages";
import { hasSettled, newConnection } from "@/lib/new-connection";
import { openPopup } from "@/lib/popup";
import { usePolling } from "@/lib/use-polling";
import { webUrl } from "@/lib/web-url";

import { useIntegrations } from "./integrations-provider";

/** So often a connection without a sync is looked at again: the server may have been unable to ask for one. */
const MOST_GLIMPSES = 10;

interface Waiting {
  step: "waiting";
  flowId: string;
  /** Where the person gives consent. */
  url: string;
  /** The browser refused the window: the person opens `url` by a link. */
  blocked: boolean;
  before: readonly Connection[];
  /** The one that is to be connected again. */
  wanted: Connection | null;
  /** When the server forgets the flow, in ms. */
  deadline: number;
}

export type ConnectFlow =
  | { step: "idle" }
  | { step: "starting" }
  | Waiting
  | {
      step: "connected";
      account: string | null;
      /** The account that was to be connected again, where the consent was for another one. */
      missed: string | null;
    }
  | { step: "failed"; message: string };

/**
 * Connecting an account: consent happens in another window, and its end is learnt in two ways. The callback page sends
 * a message; and the connections are polled, because a provider's Cross-Origin-Opener-Policy may cut the two windows
 * apart. That also makes `popup.closed` true at once, so nothing here looks at it.
 */
export function useConnectFlow(provider: string) {
  const { reload } = useIntegrations();
  const [flow, setFlow] = useState<ConnectFlow>({ step: "idle" });
  const waiting = flow.step === "waiting" ? flow : null;
  /** The flow whose end still counts, and how often its connection was seen before it had settled. */
  const current = useRef({ flowId: "", glimpses: 0 });

  async function start(wanted: Connection | null = null) {
    const popup = openPopup(`connect-${provider}`);
    current.current = { flowId: "", glimpses: 0 };
    setFlow({ step: "starting" });
    try {
      const [list, started] = await Promise.all([
        reload(),
        answerOf(api.POST("/integrations/{provider}/authorize", { params: { path: { provider } }, body: {} })),
      ]);
      const url = webUrl(started.url);
      if (!url) throw new ApiError("unexpected", 0);
      popup?.location.replace(url);
      const deadline = Date.now() + started.expires_in * 1000;
      current.current = { flowId: started.flow_id, glimpses: 0 };
      setFlow({
        step: "waiting",
        flowId: started.flow_id,
        url,
        blocked: !popup,
        before: connectionsOf(list, provider),
        wanted,
        deadline,
      });
    } catch (error) {
      popup?.close();
      fail(messageOfError(asApiError(error)));
    }
  }

  function stop() {
    current.current = { flowId: "", glimpses: 0 };
    setFlow({ step: "idle" });
  }

  function fail(message: string) {
    setFlow({ step: "failed", message });
  }

  async function lookForConnection({ flowId, before, wanted, deadline }: Waiting, isDone: (found: Connection) => boolean) {
    const connection = newConnection(before, connectionsOf(await reload(), provider));
    // Meanwhile the person may have stopped waiting, or started again.
    if (flowId !== current.current.flowId) return;
    if (connection && isDone(connection)) {
      const missed = wanted && wanted.id !== connection.id ? wanted.account.name : null;
      setFlow({ step: "connected", account: connection.account.name, missed });
    } else if (!connection && Date.now() > deadline) fail(messageOf("authorization_expired"));
  }

  function isSettled(connection: Connection): boolean {
    current.current.glimpses += 1;
    return hasSettled(connection) || current.current.glimpses > MOST_GLIMPSES;
  }

  usePolling(async () => {
    if (waiting) await lookForConnection(waiting, isSettled);
  }, waiting !== null);

  const hear = useEffectEvent((message: MessageEvent) => {
    if (!waiting) return;
    const outcome = callbackOutcome(message, { origin: apiOrigin(), provider, flowId: waiting.flowId });
    if (!outcome) return;
    if (!outcome.success) return fail(messageOf(outcome.error ?? "authorization_refused"));
    setFlow({ step: "connected", account: null, missed: null });
    lookForConnection(waiting, () => true).catch(() => undefined);
  });

  useEffect(() => {
    const listener = (message: MessageEvent) => hear(message);
    window.addEventListener("message", listener);
    return () => window.removeEventListener("message", listener);
  }, []);

  return { flow, start, stop };
}

function connectionsOf(list: IntegrationList, provider: string): readonly Connection[] {
  return list.items.find((each) => each.slug === provider)?.connections ?? [];
}
