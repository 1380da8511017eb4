import { TimeAgo } from "@/components/ui/time-ago";
import type { Connection } from "@/lib/api/types";
import { countsInWords } from "@/lib/format";

import styles from "./connection-row.module.css";

interface ConnectionFactsProps {
  connection: Connection;
  /** Those of the provider, in its order. */
  kinds: readonly string[];
}

export function ConnectionFacts({ connection: { counts, last_sync, last_error }, kinds }: ConnectionFactsProps) {
  const counted = countsInWords(counts, kinds);
  return (
    <ul className={styles.facts}>
      {counted.map((count) => (
        <li key={count}>{count}</li>
      ))}
      {!counted.length && last_sync && <li>No items</li>}
      <li>
        {last_sync ? (
          <>
            {last_error ? "Last successful sync" : "Last sync"} <TimeAgo time={last_sync} />
          </>
        ) : (
          "Not synced yet"
        )}
      </li>
    </ul>
  );
}
