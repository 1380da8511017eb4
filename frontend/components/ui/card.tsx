import type { ReactNode } from "react";

import styles from "./card.module.css";

/** `labelledBy`: id of the heading inside that names it. */
export function Card({ labelledBy, children }: { labelledBy?: string; children: ReactNode }) {
  return (
    <section className={styles.card} aria-labelledby={labelledBy}>
      {children}
    </section>
  );
}
