import { Spinner } from "@/components/ui/spinner";

import styles from "./page-spinner.module.css";

export function PageSpinner() {
  return (
    <div className={styles.middle}>
      <Spinner label="Loading" size="lg" />
    </div>
  );
}
