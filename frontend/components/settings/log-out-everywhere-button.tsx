"use client";

import { useState } from "react";

import { Alert } from "@/components/ui/alert";
import { Button } from "@/components/ui/button";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import { logOutEverywhere } from "@/lib/api/client";
import { asApiError } from "@/lib/api/problem";
import { messageOfError } from "@/lib/messages";

export function LogOutEverywhereButton() {
  const [asked, setAsked] = useState(false);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);

  function close() {
    setAsked(false);
    setFailure(null);
  }

  async function leave() {
    setBusy(true);
    setFailure(null);
    try {
      await logOutEverywhere();
    } catch (error) {
      setFailure(messageOfError(asApiError(error)));
      setBusy(false);
    }
  }

  return (
    <>
      <Button size="sm" onClick={() => setAsked(true)}>
        Log out everywhere
      </Button>
      {asked && (
        <ConfirmDialog
          title="Log out everywhere?"
          confirm="Log out everywhere"
          cancel="Stay logged in"
          busy={busy}
          onConfirm={leave}
          onCancel={close}
        >
          <p>All your devices are logged out, this one included. Your accounts stay connected and go on syncing.</p>
          {failure && <Alert tone="danger">{failure}</Alert>}
        </ConfirmDialog>
      )}
    </>
  );
}
