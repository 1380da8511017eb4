import { Skeleton } from "@/components/ui/skeleton";

import { sectionStyles as styles } from "./section";

export function ListSkeleton({ label }: { label: string }) {
  return (
    <div className={styles.body}>
      <p className="visually-hidden" role="status">
        {label}
      </p>
      <div className={styles.skeleton}>
        <Skeleton width="half" />
        <Skeleton width="third" />
      </div>
    </div>
  );
}
