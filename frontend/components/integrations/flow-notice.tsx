import { Alert } from "@/components/ui/alert";
import { Button, OutsideButtonLink } from "@/components/ui/button";
import type { Connection } from "@/lib/api/types";

import styles from "./integration-card.module.css";
import type { ConnectFlow } from "./use-connect-flow";

interface FlowNoticeProps {
  flow: ConnectFlow;
  /** Its name. */
  provider: string;
  onStart: (wanted: Connection | null) => void;
  onStop: () => void;
}

export function FlowNotice(props: FlowNoticeProps) {
  const notice = noticeOf(props);
  return notice && <div className={styles.notice}>{notice}</div>;
}

function noticeOf({ flow, provider, onStart, onStop }: FlowNoticeProps) {
  switch (flow.step) {
    case "waiting":
      return (
        <Alert
          tone={flow.blocked ? "warning" : "info"}
          actions={
            <>
              {flow.blocked ? (
                <OutsideButtonLink href={flow.url} look="primary" size="sm">
                  Continue to {provider}
                </OutsideButtonLink>
              ) : (
                // Not the same address again: who said no there has used it up.
                <Button look="quiet" size="sm" onClick={() => onStart(flow.wanted)}>
                  Start again
                </Button>
              )}
              <Button look="quiet" size="sm" onClick={onStop}>
                Stop waiting
              </Button>
            </>
          }
        >
          {flow.blocked
            ? `Your browser blocked the window of ${provider}.`
            : `Finish in the window of ${provider}. If you closed it or said no there, stop waiting here.`}
        </Alert>
      );
    case "connected":
      return (
        <Alert tone={flow.missed ? "warning" : "success"} onDismiss={onStop}>
          <strong>
            Connected{flow.account && ": "}
            {flow.account && <bdi>{flow.account}</bdi>}
          </strong>
          <p>A sync starts by itself.</p>
          {flow.missed && (
            <p>
              This is another account than <bdi>{flow.missed}</bdi>, which still has to be reconnected: choose that one
              at {provider}.
            </p>
          )}
        </Alert>
      );
    case "failed":
      return (
        <Alert tone="danger" onDismiss={onStop}>
          {flow.message}
        </Alert>
      );
    default:
      return null;
  }
}
