"use client";

import { useId, useState } from "react";

import { Alert } from "@/components/ui/alert";
import { Button } from "@/components/ui/button";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import type { Connection } from "@/lib/api/types";

import styles from "./disconnect-button.module.css";
import { useDisconnect } from "./use-disconnect";

interface DisconnectButtonProps {
  connection: Connection;
  /** Its name. */
  provider: string;
  onEnd: (said: string) => void;
}

export function DisconnectButton({ connection, provider, onEnd }: DisconnectButtonProps) {
  const { asking, ask, close, busy, failure, disconnect } = useDisconnect(connection, onEnd);
  const [purge, setPurge] = useState(false);
  const hint = useId();

  function askAnew() {
    setPurge(false);
    ask();
  }

  return (
    <>
      <Button size="sm" look="quiet" onClick={askAnew}>
        Disconnect
      </Button>
      {asking && (
        <ConfirmDialog
          title={`Disconnect ${connection.account.name}?`}
          confirm="Disconnect"
          cancel="Keep connected"
          busy={busy}
          onConfirm={() => disconnect({ purge })}
          onCancel={close}
        >
          <p>
            Syncing stops, and we give our access to {provider} back where that can be done. You can connect the account
            again at any time.
          </p>
          <div>
            <label className={styles.choice}>
              <input
                type="checkbox"
                checked={purge}
                disabled={busy}
                aria-describedby={hint}
                onChange={({ target }) => setPurge(target.checked)}
              />
              Also remove its items
            </label>
            <p id={hint} className={styles.hint}>
              They go from here for good. Nothing changes at {provider}.
            </p>
          </div>
          {failure && <Alert tone="danger">{failure}</Alert>}
        </ConfirmDialog>
      )}
    </>
  );
}
