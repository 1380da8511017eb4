import type { ReactNode } from "react";

import styles from "./alert.module.css";
import { Button } from "./button";

interface AlertProps {
  tone: "info" | "success" | "warning" | "danger";
  children: ReactNode;
  /** What can be done about it. */
  actions?: ReactNode;
  onDismiss?: () => void;
  /** It was there when the page was drawn: nothing to announce. */
  silent?: boolean;
}

export function Alert({ tone, children, actions, onDismiss, silent = false }: AlertProps) {
  const role = tone === "danger" ? "alert" : "status";
  return (
    <div className={`${styles.alert} ${styles[tone]}`} role={silent ? undefined : role}>
      <div className={styles.words}>{children}</div>
      {(actions || onDismiss) && (
        <div className={styles.actions}>
          {actions}
          {onDismiss && (
            <Button look="quiet" size="sm" onClick={onDismiss}>
              Dismiss
            </Button>
          )}
        </div>
      )}
    </div>
  );
}
