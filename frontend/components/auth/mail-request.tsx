"use client";

import Link from "next/link";
import { useState } from "react";

import { Alert } from "@/components/ui/alert";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { textOf } from "@/lib/entered";
import { messageOfForm } from "@/lib/messages";
import { paths } from "@/lib/paths";
import { useSubmission } from "@/lib/use-submission";

import styles from "./account-form.module.css";
import { AccountFrame } from "./account-frame";
import { CheckMail } from "./check-mail";

interface MailRequestProps {
  title: string;
  lead: string;
  /** What the address must have, so that a mail goes to it. */
  condition: string;
  /** Raises ApiError. */
  ask: (email: string) => Promise<void>;
}

/** Asks for a mail with a link. The page does not know whether one goes out: that would tell who has an account. */
export function MailRequest({ title, lead, condition, ask }: MailRequestProps) {
  const [mailedTo, setMailedTo] = useState<string | null>(null);
  const { busy, error, form } = useSubmission(async (entered) => {
    const email = textOf(entered, "email");
    await ask(email);
    setMailedTo(email);
  });
  if (mailedTo !== null) {
    const told = (
      <>
        If <strong>{mailedTo}</strong> {condition}, a mail with a link is on its way to it.
      </>
    );
    return (
      <AccountFrame title="Check your mail" lead={told}>
        <CheckMail onResend={() => ask(mailedTo)} onOther={() => setMailedTo(null)} />
      </AccountFrame>
    );
  }
  return (
    <AccountFrame title={title} lead={lead}>
      <form className={styles.form} {...form}>
        {error && <Alert tone="danger">{messageOfForm(error, ["email"])}</Alert>}
        <Field
          label="E-mail"
          name="email"
          type="email"
          autoComplete="username"
          required
          autoFocus
          error={error?.fields.email}
        />
        <Button type="submit" look="primary" wide busy={busy}>
          Send the link
        </Button>
        <p className={styles.other}>
          <Link href={paths.login()}>Back to log in</Link>
        </p>
      </form>
    </AccountFrame>
  );
}
