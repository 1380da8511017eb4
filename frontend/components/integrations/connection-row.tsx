"use client";

import { useState } from "react";

import { Badge } from "@/components/ui/badge";
import { Button, ButtonLink } from "@/components/ui/button";
import { api } from "@/lib/api/client";
import { answerOf, asApiError } from "@/lib/api/problem";
import type { Connection, Run } from "@/lib/api/types";
import { messageOfError } from "@/lib/messages";
import { paths } from "@/lib/paths";

import { ConnectionFacts } from "./connection-facts";
import { ConnectionNews } from "./connection-news";
import styles from "./connection-row.module.css";
import { DisconnectButton } from "./disconnect-button";
import { useIntegrations } from "./integrations-provider";
import { statusBadge } from "./status-badge";
import { useRun } from "./use-run";

const TO_BE_RECONNECTED: readonly string[] = ["needs_reauth", "error", "disconnected"];

interface ConnectionRowProps {
  connection: Connection;
  /** Name of the provider. */
  provider: string;
  reconnecting: boolean;
  onReconnect: () => void;
}

export function ConnectionRow({ connection, provider, reconnecting, onReconnect }: ConnectionRowProps) {
  const { reload } = useIntegrations();
  const { run, running, witnessed, follow } = useRun(connection, reload);
  const [asking, setAsking] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  const { account, status } = connection;
  const live = status !== "disconnected";
  const underWay = live && running ? run : null;
  const badge = statusBadge(underWay ? "syncing" : status);

  async function ask(call: Promise<Run>) {
    setAsking(true);
    setFailure(null);
    try {
      await follow(await call);
    } catch (error) {
      setFailure(messageOfError(asApiError(error)));
    }
    setAsking(false);
  }

  return (
    <li className={styles.row} aria-label={account.name}>
      <div className={styles.about}>
        <div className={styles.title}>
          <h3>{account.name}</h3>
          <Badge tone={badge.tone}>{badge.text}</Badge>
        </div>
        <ConnectionFacts connection={connection} />
      </div>
      <div className={styles.actions}>
        {underWay && (
          <Button size="sm" busy={asking} onClick={() => ask(cancelRun(underWay.id))}>
            Cancel
          </Button>
        )}
        {live && !underWay && status !== "needs_reauth" && (
          <Button size="sm" busy={asking} onClick={() => ask(requestSync(connection))}>
            Sync now
          </Button>
        )}
        {!underWay && TO_BE_RECONNECTED.includes(status) && (
          <Button
            size="sm"
            look={status === "needs_reauth" ? "primary" : "secondary"}
            disabled={reconnecting}
            onClick={onReconnect}
          >
            Reconnect
          </Button>
        )}
        <ButtonLink size="sm" href={paths.items({ connection: connection.id })}>
          View items
        </ButtonLink>
        {live && <DisconnectButton connection={connection} provider={provider} />}
      </div>
      <ConnectionNews
        connection={connection}
        run={underWay || witnessed ? run : null}
        failure={failure}
        onDismiss={() => setFailure(null)}
      />
    </li>
  );
}

function requestSync({ provider, id }: Connection): Promise<Run> {
  return answerOf(
    api.POST("/integrations/{provider}/sync", { params: { path: { provider } }, body: { connection_id: id } }),
  );
}

function cancelRun(id: string): Promise<Run> {
  return answerOf(api.POST("/runs/{run_id}/cancel", { params: { path: { run_id: id } } }));
}
