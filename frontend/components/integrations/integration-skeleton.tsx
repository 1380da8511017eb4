import { Card } from "@/components/ui/card";
import { Skeleton } from "@/components/ui/skeleton";

import styles from "./integration-card.module.css";

export function IntegrationSkeleton() {
  return (
    <Card>
      <p className="visually-hidden" role="status">
        Loading integrations
      </p>
      <div className={styles.skeleton}>
        <Skeleton width="third" />
        <Skeleton width="half" />
      </div>
    </Card>
  );
}
