import styles from "./skeleton.module.css";

/** A bar where words will be. Whoever shows it says elsewhere that something is loading. */
export function Skeleton({ width = "full" }: { width?: "third" | "half" | "full" }) {
  return <span className={`${styles.skeleton} ${styles[width]}`} aria-hidden="true" />;
}
