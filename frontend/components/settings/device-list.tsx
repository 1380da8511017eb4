"use client";

import { useRef, useState } from "react";

import { Alert } from "@/components/ui/alert";
import { Button } from "@/components/ui/button";
import { api, logOut } from "@/lib/api/client";
import { ApiError, answerOf, asApiError } from "@/lib/api/problem";
import type { DeviceSession } from "@/lib/api/types";
import { deviceName } from "@/lib/device-name";
import { messageOfError } from "@/lib/messages";

import { DeviceRow } from "./device-row";
import { ListSkeleton } from "./list-skeleton";
import { LogOutEverywhereButton } from "./log-out-everywhere-button";
import { Section, sectionStyles as styles } from "./section";
import type { Devices } from "./use-devices";

/** `onEnded`: one of them was logged out. */
export function DeviceList({ devices, onEnded }: { devices: Devices; onEnded: () => void }) {
  const { list, error, reload } = devices;
  const heading = useRef<HTMLHeadingElement>(null);
  const [ending, setEnding] = useState<string | null>(null);
  const [ended, setEnded] = useState<readonly string[]>([]);
  const [said, setSaid] = useState("");
  const [failure, setFailure] = useState<string | null>(null);
  const shown = list?.filter(({ id }) => !ended.includes(id));

  async function end(session: DeviceSession) {
    if (ending) return;
    setEnding(session.id);
    setSaid("");
    setFailure(null);
    try {
      if (session.current) return await logOut();
      await endSession(session.id);
      // Its button is about to go away with the row.
      heading.current?.focus();
      setEnded([...ended, session.id]);
      setSaid(`${deviceName(session.device)} is logged out.`);
      onEnded();
    } catch (refusal) {
      setFailure(messageOfError(asApiError(refusal)));
    }
    setEnding(null);
  }

  return (
    <Section title="Devices" lead="Where you are logged in." heading={heading} action={<LogOutEverywhereButton />}>
      <p className="visually-hidden" role="status">
        {said}
      </p>
      {(error || failure) && (
        <div className={styles.body}>
          {failure && (
            <Alert tone="danger" onDismiss={() => setFailure(null)}>
              {failure}
            </Alert>
          )}
          {error && (
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
          )}
        </div>
      )}
      {!shown && !error && <ListSkeleton label="Loading devices" />}
      {shown && (
        <ul className={styles.rows} aria-label="Devices">
          {shown.map((session) => (
            <DeviceRow key={session.id} session={session} busy={ending === session.id} onEnd={() => end(session)} />
          ))}
        </ul>
      )}
    </Section>
  );
}

async function endSession(id: string): Promise<void> {
  try {
    await answerOf(api.DELETE("/auth/sessions/{session_id}", { params: { path: { session_id: id } } }));
  } catch (error) {
    // It has ended meanwhile, which is what was wanted.
    if (!(error instanceof ApiError) || error.status !== 404) throw error;
  }
}
