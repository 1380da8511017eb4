"use client";

import Link from "next/link";
import { useRouter } from "next/navigation";

import { PageSpinner } from "@/components/shell/page-spinner";
import { Alert } from "@/components/ui/alert";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { resendVerification, verifyEmail } from "@/lib/api/client";
import { messageOfForm } from "@/lib/messages";
import { pageAfterLogin, paths } from "@/lib/paths";
import { useMailedToken } from "@/lib/use-mailed-token";
import { useSubmission } from "@/lib/use-submission";

import styles from "./account-form.module.css";
import { AccountFrame } from "./account-frame";
import { MailRequest } from "./mail-request";

/** Where the mailed link leads; without its token it is the place to get a new one. */
export function VerifyEmailView() {
  const { token, forget } = useMailedToken();
  if (token === undefined) return <PageSpinner />;
  if (token !== null) return <ProveAddress key={token} token={token} onNewLink={forget} />;
  return (
    <MailRequest
      title="Confirm your address"
      lead="Open the link in the mail that we have sent you. If it does not work any more, we send you a new one."
      condition="is waiting to be confirmed"
      ask={resendVerification}
    />
  );
}

function ProveAddress({ token, onNewLink }: { token: string; onNewLink: () => void }) {
  const router = useRouter();
  const { busy, error, form } = useSubmission(async (entered) => {
    await verifyEmail(token, String(entered.get("password")));
    router.replace(pageAfterLogin(null));
    return "leaving";
  });
  return (
    <AccountFrame title="Confirm your address" lead="Enter the password that you chose when you registered.">
      <form className={styles.form} {...form}>
        {error && (
          <Alert
            tone="danger"
            actions={
              error.code === "link_invalid" && (
                <Button size="sm" onClick={onNewLink}>
                  Get a new link
                </Button>
              )
            }
          >
            {messageOfForm(error, ["password"])}
          </Alert>
        )}
        <Field
          label="Password"
          name="password"
          type="password"
          autoComplete="current-password"
          required
          autoFocus
          error={error?.fields.password}
        />
        <Button type="submit" look="primary" wide busy={busy}>
          Confirm and log in
        </Button>
        <p className={styles.other}>
          Already confirmed? <Link href={paths.login()}>Log in</Link>
        </p>
      </form>
    </AccountFrame>
  );
}
