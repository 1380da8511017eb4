"use client";

import Link from "next/link";
import { useState } from "react";

import { Alert } from "@/components/ui/alert";
import { Button } from "@/components/ui/button";
import { messageOfError } from "@/lib/messages";
import { paths } from "@/lib/paths";
import { useSubmission } from "@/lib/use-submission";

import styles from "./account-form.module.css";

interface CheckMailProps {
  /** Ask for the mail once more. Raises ApiError. */
  onResend: () => Promise<void>;
  /** The address was not the right one. */
  onOther: () => void;
}

/** What to do while a mail is on its way. */
export function CheckMail({ onResend, onOther }: CheckMailProps) {
  const [said, setSaid] = useState("");
  const { busy, error, form } = useSubmission(async () => {
    setSaid("");
    await onResend();
    // More the server does not tell: it mails an address once a minute, and says so to nobody.
    setSaid("We have asked for another one. Use the newest link.");
  });
  return (
    <form className={styles.form} {...form}>
      {error && <Alert tone="danger">{messageOfError(error)}</Alert>}
      <p>Nothing there after a minute? Look among the unwanted mail, or let us send it again.</p>
      <Button type="submit" wide busy={busy}>
        Send it again
      </Button>
      <p className={styles.said} role="status">
        {said}
      </p>
      <Button look="quiet" wide onClick={onOther}>
        Use another address
      </Button>
      <p className={styles.other}>
        <Link href={paths.login()}>Back to log in</Link>
      </p>
    </form>
  );
}
