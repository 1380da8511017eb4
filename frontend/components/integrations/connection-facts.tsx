import { TimeAgo } from "@/components/ui/time-ago";
import type { Connection } from "@/lib/api/types";
import { countOf } from "@/lib/format";

import styles from "./connection-row.module.css";

export function ConnectionFacts({ connection: { counts, last_sync } }: { connection: Connection }) {
  return (
    <ul className={styles.facts}>
      {Object.entries(counts).map(([kind, count]) => (
        <li key={kind}>{countOf(kind, count)}</li>
      ))}
      <li>
        {last_sync ? (
          <>
            Last sync <TimeAgo time={last_sync} />
          </>
        ) : (
          "Not synced yet"
        )}
      </li>
    </ul>
  );
}
