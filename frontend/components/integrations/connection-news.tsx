import type { ReactNode } from "react";

import { Alert } from "@/components/ui/alert";
import { Spinner } from "@/components/ui/spinner";
import type { Connection, Run } from "@/lib/api/types";
import { isEnded, outcomeOf, progressOf } from "@/lib/runs";

import styles from "./connection-row.module.css";

interface ConnectionNewsProps {
  connection: Connection;
  /** The run that this page has seen, if any. */
  run: Run | null;
  /** The button for what helps, if there is one. */
  step: ReactNode;
  /** What did not work when it was asked for. */
  failure: string | null;
  onDismiss: () => void;
}

/** What is happening to a connection, what has just happened, and what is wrong with it. */
export function ConnectionNews({ connection, run, step, failure, onDismiss }: ConnectionNewsProps) {
  const { status, last_error } = connection;
  const live = status !== "disconnected";
  const underWay = run !== null && !isEnded(run);
  const outcome = run && !underWay ? outcomeOf(run) : null;
  return (
    <div className={styles.news}>
      {live && underWay && (
        <p className={styles.progress}>
          <Spinner /> {progressOf(run)}
        </p>
      )}
      {outcome && (
        <p className={styles.outcome} role="status">
          {outcome}
        </p>
      )}
      {failure && (
        <Alert tone="danger" onDismiss={onDismiss}>
          {failure}
        </Alert>
      )}
      {live && !underWay && last_error && (
        <Alert tone="warning" silent={!run} actions={step}>
          <strong>{last_error.detail}</strong> {last_error.next_step}
        </Alert>
      )}
    </div>
  );
}
