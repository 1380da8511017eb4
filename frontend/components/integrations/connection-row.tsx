"use client";

import { useState } from "react";

import { Badge } from "@/components/ui/badge";
import { Button, ButtonLink } from "@/components/ui/button";
import { api } from "@/lib/api/client";
import { answerOf, asApiError } from "@/lib/api/problem";
import type { Connection, Integration, Run } from "@/lib/api/types";
import { messageOfError } from "@/lib/messages";
import { paths } from "@/lib/paths";
import { stepsOf, type Step } from "@/lib/steps";

import { ConnectionFacts } from "./connection-facts";
import { ConnectionNews } from "./connection-news";
import styles from "./connection-row.module.css";
import { DisconnectButton } from "./disconnect-button";
import { useIntegrations } from "./integrations-provider";
import { MissingScopes } from "./missing-scopes";
import { RemoveItemsButton } from "./remove-items-button";
import { statusBadge } from "./status-badge";
import { useRun } from "./use-run";

interface ConnectionRowProps {
  integration: Integration;
  /** One of its own. */
  connection: Connection;
  reconnecting: boolean;
  onReconnect: (connection: Connection) => void;
  /** It was disconnected or removed; what has happened, in words. */
  onEnd: (said: string) => void;
}

export function ConnectionRow({ integration, connection, reconnecting, onReconnect, onEnd }: ConnectionRowProps) {
  const { reload } = useIntegrations();
  const { run, running, witnessed, follow } = useRun(connection, reload);
  const [asking, setAsking] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  const { account, status, missing_scopes } = connection;
  const live = status !== "disconnected";
  const underWay = live && running ? run : null;
  const badge = statusBadge(underWay ? "syncing" : status);
  const { advised, others } = stepsOf(connection);
  const mayReconnect = advised === "reconnect" || others.includes("reconnect");

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

  function buttonFor(step: Step) {
    const look = step === advised || status === "needs_reauth" ? "primary" : "secondary";
    return step === "sync" ? (
      <Button key={step} size="sm" look={look} busy={asking} onClick={() => ask(requestSync(connection))}>
        Sync now
      </Button>
    ) : (
      integration.configured && (
        <Button key={step} size="sm" look={look} disabled={reconnecting} onClick={() => onReconnect(connection)}>
          Reconnect
        </Button>
      )
    );
  }

  return (
    <li className={styles.row} aria-label={account.name}>
      <div className={styles.about}>
        <div className={styles.title}>
          <h3>
            <bdi>{account.name}</bdi>
          </h3>
          <Badge tone={badge.tone}>{badge.text}</Badge>
        </div>
        <ConnectionFacts connection={connection} kinds={integration.kinds} />
      </div>
      <div className={styles.actions}>
        {underWay && (
          <Button size="sm" busy={asking} onClick={() => ask(cancelRun(underWay.id))}>
            Cancel
          </Button>
        )}
        {!underWay && others.map(buttonFor)}
        <ButtonLink size="sm" href={paths.items({ connection: connection.id })}>
          View items
        </ButtonLink>
        {live ? (
          <DisconnectButton connection={connection} provider={integration.name} onEnd={onEnd} />
        ) : (
          <RemoveItemsButton connection={connection} provider={integration.name} onEnd={onEnd} />
        )}
      </div>
      <ConnectionNews
        connection={connection}
        run={underWay || witnessed ? run : null}
        step={advised && buttonFor(advised)}
        failure={failure}
        onDismiss={() => setFailure(null)}
      />
      {live && missing_scopes.length > 0 && (
        <MissingScopes
          scopes={missing_scopes}
          reconnecting={reconnecting}
          onReconnect={integration.configured && !mayReconnect ? () => onReconnect(connection) : null}
        />
      )}
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
