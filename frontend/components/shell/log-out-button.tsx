"use client";

import { useState } from "react";

import { Button } from "@/components/ui/button";
import { logOut } from "@/lib/api/client";
import { asApiError } from "@/lib/api/problem";
import { messageOfError } from "@/lib/messages";

import styles from "./log-out-button.module.css";

export function LogOutButton() {
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);

  async function leave() {
    setBusy(true);
    setFailure(null);
    try {
      await logOut();
    } catch (error) {
      setFailure(messageOfError(asApiError(error)));
      setBusy(false);
    }
  }

  return (
    <div className={styles.place}>
      <Button size="sm" busy={busy} onClick={leave}>
        Log out
      </Button>
      {failure && (
        <p className={styles.failure} role="alert">
          You are still logged in. {failure}
        </p>
      )}
    </div>
  );
}
