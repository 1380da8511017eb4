"use client";

import Link from "next/link";
import { useSearchParams } from "next/navigation";

import { Alert } from "@/components/ui/alert";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { logIn } from "@/lib/api/client";
import { useSession } from "@/lib/api/use-session";
import { textOf } from "@/lib/entered";
import { messageOfError } from "@/lib/messages";
import { paths, type LoginNote } from "@/lib/paths";
import { useSubmission } from "@/lib/use-submission";

import styles from "./account-form.module.css";
import { ContinueWithGoogle } from "./continue-with-google";

const NOTES: Readonly<Record<LoginNote, string>> = {
  password_changed: "Your password has been changed. Log in with the new one.",
  account_deleted: "Your account is deleted, and everything that came through it goes with it. A mail confirms it.",
};

export function LoginForm() {
  const query = useSearchParams();
  const next = query.get("next") ?? undefined;
  const session = useSession();
  const note = session.status === "signed-out" && session.note ? session.note : query.get("note");
  const { busy, error, form } = useSubmission(async (entered) => {
    await logIn(textOf(entered, "email"), String(entered.get("password")));
    return "leaving";
  });
  return (
    <form className={styles.form} {...form}>
      {error && <Alert tone="danger">{messageOfError(error)}</Alert>}
      {!error && isNote(note) && <Alert tone="success">{NOTES[note]}</Alert>}
      <Field
        label="E-mail"
        name="email"
        type="email"
        autoComplete="username"
        required
        autoFocus
        error={error?.fields.email}
      />
      <Field
        label="Password"
        name="password"
        type="password"
        autoComplete="current-password"
        required
        error={error?.fields.password}
      />
      <Button type="submit" look="primary" wide busy={busy}>
        Log in
      </Button>
      <ContinueWithGoogle next={next} />
      {error?.code === "login_failed" && (
        <p className={styles.other}>
          Just registered? Confirm your address first. <Link href={paths.verifyEmail()}>Get a new link</Link>
        </p>
      )}
      <p className={styles.other}>
        <Link href={paths.forgotPassword()}>Forgot your password?</Link>
      </p>
      <p className={styles.other}>
        New here? <Link href={paths.register(next)}>Create an account</Link>
      </p>
    </form>
  );
}

function isNote(text: string | null): text is LoginNote {
  return text !== null && Object.hasOwn(NOTES, text);
}
