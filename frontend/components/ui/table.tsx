import type { ReactNode } from "react";

import styles from "./table.module.css";

interface TableProps {
  caption: string;
  busy?: boolean;
  head: ReactNode;
  children: ReactNode;
}

/** Cells with the class `wide` go away on small screens: what they say must then stand elsewhere in the row. */
export function Table({ caption, busy = false, head, children }: TableProps) {
  return (
    <table className={styles.table} aria-busy={busy}>
      <caption className="visually-hidden">{caption}</caption>
      <thead>{head}</thead>
      <tbody>{children}</tbody>
    </table>
  );
}

export const tableStyles = styles;
