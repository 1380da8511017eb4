import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { TimeAgo } from "@/components/ui/time-ago";
import type { DeviceSession } from "@/lib/api/types";
import { deviceName } from "@/lib/device-name";
import { dateAndTime } from "@/lib/format";

import { sectionStyles as styles } from "./section";

interface DeviceRowProps {
  session: DeviceSession;
  busy: boolean;
  onEnd: () => void;
}

export function DeviceRow({ session: { device, current, created_at, last_seen_at }, busy, onEnd }: DeviceRowProps) {
  const name = deviceName(device);
  return (
    <li aria-label={name}>
      <div className={styles.about}>
        <div className={styles.title}>
          <h3>{name}</h3>
          {current && <Badge tone="success">This device</Badge>}
        </div>
        <p className={styles.details}>
          <span>
            Last seen <TimeAgo time={last_seen_at} />
          </span>
          <span>Logged in {dateAndTime(created_at)}</span>
        </p>
      </div>
      <Button size="sm" busy={busy} onClick={onEnd} aria-label={current ? "Log out this device" : `Log out ${name}`}>
        Log out
      </Button>
    </li>
  );
}
