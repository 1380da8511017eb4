"use client";

import { useEffect, useRef } from "react";

import { Alert } from "@/components/ui/alert";
import { Button } from "@/components/ui/button";
import { classNames } from "@/components/ui/class-names";
import { TimeAgo } from "@/components/ui/time-ago";
import type { SecurityEvent } from "@/lib/api/types";
import { messageOfError } from "@/lib/messages";
import { eventText } from "@/lib/security-events";

import { ListSkeleton } from "./list-skeleton";
import { Section, sectionStyles as styles } from "./section";
import type { Events } from "./use-events";

export function EventList({ events }: { events: Events }) {
  const { list, error, loading, reload, more } = events;
  const rows = useRef<HTMLUListElement>(null);
  const readFrom = useRef<number | null>(null);

  // Whoever asks for more goes on reading there: the button may be gone.
  useEffect(() => {
    if (readFrom.current === null) return;
    (rows.current?.children[readFrom.current] as HTMLElement | undefined)?.focus();
    readFrom.current = null;
  }, [list]);

  function showMore() {
    readFrom.current = list?.length ?? null;
    more?.();
  }

  return (
    <Section title="Recent events" lead="What happened to the security of your account.">
      {error && (
        <div className={styles.body}>
          <Alert
            tone="danger"
            actions={
              <Button size="sm" onClick={reload}>
                Try again
              </Button>
            }
          >
            {messageOfError(error)}
          </Alert>
        </div>
      )}
      {!list && !error && <ListSkeleton label="Loading events" />}
      {list?.length === 0 && <p className={styles.body}>Nothing has happened yet.</p>}
      {list && list.length > 0 && (
        <ul ref={rows} className={styles.rows} aria-label="Recent events" aria-busy={loading}>
          {list.map((event) => (
            <EventRow key={event.id} event={event} />
          ))}
        </ul>
      )}
      {more && (
        <div className={styles.foot}>
          <Button size="sm" busy={loading} onClick={showMore}>
            Show more
          </Button>
        </div>
      )}
    </Section>
  );
}

function EventRow({ event: { action, outcome, at, ip } }: { event: SecurityEvent }) {
  return (
    <li tabIndex={-1}>
      <div className={styles.about}>
        <p className={classNames(styles.name, outcome === "failure" && styles.failure)}>{eventText(action, outcome)}</p>
        <p className={styles.details}>
          <span>
            <TimeAgo time={at} />
          </span>
          <span>{ip ? `From ${ip}` : "By the server itself"}</span>
        </p>
      </div>
    </li>
  );
}
