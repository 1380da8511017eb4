"use client";

import { Alert } from "@/components/ui/alert";
import { Button } from "@/components/ui/button";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import type { Connection } from "@/lib/api/types";

import { useDisconnect } from "./use-disconnect";

interface RemoveItemsButtonProps {
  /** A disconnected one. */
  connection: Connection;
  /** Name of the provider. */
  provider: string;
  onEnd: (said: string) => void;
}

export function RemoveItemsButton({ connection, provider, onEnd }: RemoveItemsButtonProps) {
  const { asking, ask, close, busy, failure, disconnect } = useDisconnect(connection, onEnd);
  return (
    <>
      <Button size="sm" look="quiet" onClick={ask}>
        Remove items
      </Button>
      {asking && (
        <ConfirmDialog
          title={`Remove the items of ${connection.account.name}?`}
          confirm="Remove items"
          cancel="Keep them"
          busy={busy}
          onConfirm={() => disconnect({ purge: true })}
          onCancel={close}
        >
          <p>
            They go from here for good, and the account leaves this list. Nothing changes at {provider}, and you can
            connect the account again at any time.
          </p>
          {failure && <Alert tone="danger">{failure}</Alert>}
        </ConfirmDialog>
      )}
    </>
  );
}
