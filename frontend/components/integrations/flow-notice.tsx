import { Alert } from "@/components/ui/alert";
import { Button, OutsideButtonLink } from "@/components/ui/button";

import styles from "./integration-card.module.css";
import type { ConnectFlow } from "./use-connect-flow";

interface FlowNoticeProps {
  flow: ConnectFlow;
  /** Its name. */
  provider: string;
  onStop: () => void;
}

export function FlowNotice({ flow, provider, onStop }: FlowNoticeProps) {
  const notice = noticeOf({ flow, provider, onStop });
  return notice && <div className={styles.notice}>{notice}</div>;
}

function noticeOf({ flow, provider, onStop }: FlowNoticeProps) {
  switch (flow.step) {
    case "waiting":
      return (
        <Alert
          tone={flow.blocked ? "warning" : "info"}
          actions={
            <>
              <OutsideButtonLink href={flow.url} look={flow.blocked ? "primary" : "quiet"} size="sm">
                {flow.blocked ? `Continue to ${provider}` : "Open it again"}
              </OutsideButtonLink>
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
