"use client";

import Link from "next/link";
import { useRouter } from "next/navigation";

import { PageSpinner } from "@/components/shell/page-spinner";
import { Alert } from "@/components/ui/alert";
import { Button, ButtonLink } from "@/components/ui/button";
import { resetPassword } from "@/lib/api/client";
import { messageOfForm } from "@/lib/messages";
import { paths } from "@/lib/paths";
import { useMailedToken } from "@/lib/use-mailed-token";
import { useSubmission } from "@/lib/use-submission";

import styles from "./account-form.module.css";
import { AccountFrame } from "./account-frame";
import { NewPasswordField } from "./new-password-field";

const TITLE = "Choose a new password";

/** Where the mailed link leads; without its token it says where to get one. */
export function ResetPasswordView() {
  const { token } = useMailedToken();
  if (token === undefined) return <PageSpinner />;
  if (token !== null) return <NewPassword key={token} token={token} />;
  return (
    <AccountFrame title={TITLE} lead="This page is opened by the link in a mail. Open that link, or ask for a new one.">
      <div className={styles.form}>
        <ButtonLink look="primary" wide href={paths.forgotPassword()}>
          Ask for a link
        </ButtonLink>
        <p className={styles.other}>
          <Link href={paths.login()}>Back to log in</Link>
        </p>
      </div>
    </AccountFrame>
  );
}

function NewPassword({ token }: { token: string }) {
  const router = useRouter();
  const { busy, error, form } = useSubmission(async (entered) => {
    await resetPassword(token, String(entered.get("new_password")));
    router.replace(paths.login(undefined, "password_changed"));
    return "leaving";
  });
  return (
    <AccountFrame title={TITLE} lead="You are then logged out on every device, and log in with the new one.">
      <form className={styles.form} {...form}>
        {error && (
          <Alert
            tone="danger"
            actions={
              error.code === "link_invalid" && (
                <ButtonLink size="sm" href={paths.forgotPassword()}>
                  Ask for a new link
                </ButtonLink>
              )
            }
          >
            {messageOfForm(error, ["new_password"])}
          </Alert>
        )}
        <NewPasswordField label="New password" name="new_password" autoFocus error={error?.fields.new_password} />
        <Button type="submit" look="primary" wide busy={busy}>
          Set the new password
        </Button>
      </form>
    </AccountFrame>
  );
}
