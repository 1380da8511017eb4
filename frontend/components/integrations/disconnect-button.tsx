"use client";

import { useState } from "react";

import { Alert } from "@/components/ui/alert";
import { Button } from "@/components/ui/button";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import { api } from "@/lib/api/client";
import { answerOf, asApiError } from "@/lib/api/problem";
import type { Connection } from "@/lib/api/types";
import { messageOfError } from "@/lib/messages";

import { useIntegrations } from "./integrations-provider";

/** `provider`: its name. */
export function DisconnectButton({ connection, provider }: { connection: Connection; provider: string }) {
  const { reload } = useIntegrations();
  const [asked, setAsked] = useState(false);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);

  function close() {
    setAsked(false);
    setFailure(null);
  }

  async function disconnect() {
    setBusy(true);
    setFailure(null);
    try {
      const params = { path: { provider: connection.provider } };
      await answerOf(
        api.POST("/integrations/{provider}/disconnect", { params, body: { connection_id: connection.id } }),
      );
      close();
      await reload().catch(() => undefined);
    } catch (error) {
      setFailure(messageOfError(asApiError(error)));
    }
    setBusy(false);
  }

  return (
    <>
      <Button size="sm" look="quiet" onClick={() => setAsked(true)}>
        Disconnect
      </Button>
      {asked && (
        <ConfirmDialog
          title={`Disconnect ${connection.account.name}?`}
          confirm="Disconnect"
          cancel="Keep connected"
          busy={busy}
          onConfirm={disconnect}
          onCancel={close}
        >
          <p>Syncing stops, and our access to {provider} is revoked. You can connect the account again at any time.</p>
          {failure && <Alert tone="danger">{failure}</Alert>}
        </ConfirmDialog>
      )}
    </>
  );
}
