"use client";

import { useRouter } from "next/navigation";
import { useEffect, useRef, useState } from "react";

import { PageSpinner } from "@/components/shell/page-spinner";
import { ButtonLink } from "@/components/ui/button";
import { finishGoogle, session } from "@/lib/api/client";
import { ApiError, asApiError } from "@/lib/api/problem";
import { useSession } from "@/lib/api/use-session";
import type { CallbackAnswer } from "@/lib/callback-answer";
import { pageAfterLogin, paths } from "@/lib/paths";
import { signInRefusal } from "@/lib/sign-in-refusals";
import { useCallbackAnswer } from "@/lib/use-callback-answer";

import styles from "./account-form.module.css";
import { AccountFrame } from "./account-frame";
import { LogInAgainButton } from "./log-in-again-button";

/** Where Google leads back to. */
export function GoogleCallbackView() {
  const answer = useCallbackAnswer();
  const router = useRouter();
  const finished = useRef<CallbackAnswer>(undefined);
  const [error, setError] = useState<ApiError | null>(null);

  useEffect(() => {
    // A code can be used once.
    if (!answer || answer.kind === "nothing" || finished.current === answer) return;
    finished.current = answer;
    finish(answer).then(
      (next) => router.replace(pageAfterLogin(next)),
      async (failure: unknown) => {
        // Whoever came to link is still logged in: what to do next depends on it.
        await session.restore();
        setError(asApiError(failure));
      },
    );
  }, [answer, router]);

  if (answer?.kind === "nothing") return <NothingToFinish />;
  return error ? <Refused error={error} /> : <PageSpinner />;
}

/** The page that the person wanted, if any. Raises ApiError. */
async function finish(answer: Exclude<CallbackAnswer, { kind: "nothing" }>): Promise<string | null> {
  if (answer.kind === "code") return finishGoogle(answer.code, answer.state);
  throw new ApiError(answer.error === "access_denied" ? "access_denied" : "identity_refused", 0);
}

function NothingToFinish() {
  return (
    <AccountFrame title="Nothing to finish here" lead="Google leads to this page when you sign in there.">
      <ButtonLink look="primary" wide href={paths.login()}>
        Log in
      </ButtonLink>
    </AccountFrame>
  );
}

function Refused({ error }: { error: ApiError }) {
  const { title, message } = signInRefusal(error);
  return (
    <AccountFrame title={title} lead={<span role="alert">{message}</span>}>
      <div className={styles.form}>
        <WayOn code={error.code} />
      </div>
    </AccountFrame>
  );
}

function WayOn({ code }: { code: string }) {
  const { status } = useSession();
  if (status === "signed-in") {
    if (code === "reauthentication_required") return <LogInAgainButton next={paths.profile()} wide />;
    return (
      <ButtonLink look="primary" wide href={paths.profile()}>
        Back to the settings
      </ButtonLink>
    );
  }
  if (code === "link_required") {
    return (
      <ButtonLink look="primary" wide href={paths.login(paths.profile())}>
        Log in with your password
      </ButtonLink>
    );
  }
  return (
    <ButtonLink look="primary" wide href={paths.login()}>
      Back to log in
    </ButtonLink>
  );
}
