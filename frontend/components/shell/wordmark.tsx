import Link from "next/link";

import { paths } from "@/lib/paths";

import styles from "./wordmark.module.css";

export function Wordmark() {
  return (
    <Link href={paths.home()} className={styles.wordmark}>
      <svg viewBox="0 0 32 32" width="28" height="28" aria-hidden="true">
        <rect width="32" height="32" rx="9" fill="currentColor" className={styles.tile} />
        <path d="M8 9.5l6 13 3.2-7M17 9.5h7.5M24.5 9.5l-3.4 7.4" className={styles.stroke} />
      </svg>
      VectorShift
    </Link>
  );
}
