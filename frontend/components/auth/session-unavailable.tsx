"use client";

import { Alert } from "@/components/ui/alert";
import { Button } from "@/components/ui/button";
import { session } from "@/lib/api/client";
import type { ApiError } from "@/lib/api/problem";
import { messageOfError } from "@/lib/messages";

import styles from "./session-unavailable.module.css";

export function SessionUnavailable({ error }: { error: ApiError }) {
  return (
    <div className={styles.unavailable}>
      <Alert
        tone="danger"
        actions={
          <Button size="sm" onClick={() => void session.restore()}>
            Try again
          </Button>
        }
      >
        {messageOfError(error)}
      </Alert>
    </div>
  );
}
