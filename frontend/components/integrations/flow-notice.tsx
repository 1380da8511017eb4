import { Alert } from "@/components/ui/alert";
import { Button, OutsideButtonLink } from "@/components/ui/button";

import styles from "./integration-card.module.css";
import type { ConnectFlow } from "./use-connect-flow";

interface FlowNoticeProps {
  flow: ConnectFlow;
  /** Its name. */
  provider: string;
  onStart: () => void;
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
                <Button look="quiet" size="sm" onClick={onStart}>
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
        <Alert tone="success" onDismiss={onStop}>
          <strong>
            Connected{flow.account && ": "}
            {flow.account && <bdi>{flow.account}</bdi>}
          </strong>
          <p>A sync starts by itself.</p>
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
