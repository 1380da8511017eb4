import { Button } from "@/components/ui/button";

import styles from "./connection-row.module.css";

interface MissingScopesProps {
  scopes: readonly string[];
  reconnecting: boolean;
  /** Null where there is another button for it, or none can be. */
  onReconnect: (() => void) | null;
}

/** What was asked for and not granted. */
export function MissingScopes({ scopes, reconnecting, onReconnect }: MissingScopesProps) {
  return (
    <div className={styles.missing}>
      <p>Not granted: {scopes.join(", ")}</p>
      {onReconnect && (
        <Button size="sm" look="quiet" disabled={reconnecting} onClick={onReconnect}>
          Reconnect to grant them
        </Button>
      )}
    </div>
  );
}
