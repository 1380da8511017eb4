import styles from "./spinner.module.css";

/** Says what is being waited for; without a label it only accompanies words that stand beside it. */
export function Spinner({ label, size = "sm" }: { label?: string; size?: "sm" | "lg" }) {
  return (
    <span
      className={`${styles.spinner} ${styles[size]}`}
      role={label ? "status" : undefined}
      aria-hidden={label ? undefined : true}
    >
      {label && <span className="visually-hidden">{label}</span>}
    </span>
  );
}
