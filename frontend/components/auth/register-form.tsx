"use client";

import Link from "next/link";
import { useSearchParams } from "next/navigation";

import { Alert } from "@/components/ui/alert";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { logIn, register } from "@/lib/api/client";
import { textOf } from "@/lib/entered";
import { messageOfForm } from "@/lib/messages";
import { paths } from "@/lib/paths";
import { useSubmission } from "@/lib/use-submission";

import styles from "./account-form.module.css";
import { ContinueWithGoogle } from "./continue-with-google";
import { NewPasswordField } from "./new-password-field";

/** `onMailed`: the address must be proven first, and a link is on its way to it. */
export function RegisterForm({ onMailed }: { onMailed: (email: string) => void }) {
  const next = useSearchParams().get("next") ?? undefined;
  const { busy, error, form } = useSubmission(async (entered) => {
    const email = textOf(entered, "email");
    const password = String(entered.get("password"));
    if (!(await register(email, password, textOf(entered, "full_name")))) return onMailed(email);
    await logIn(email, password);
    return "leaving";
  });
  return (
    <form className={styles.form} {...form}>
      {error && <Alert tone="danger">{messageOfForm(error, ["full_name", "email", "password"])}</Alert>}
      <Field label="Full name" name="full_name" autoComplete="name" autoFocus error={error?.fields.full_name} />
      <Field
        label="E-mail"
        name="email"
        type="email"
        autoComplete="username"
        required
        error={error?.fields.email}
      />
      <NewPasswordField label="Password" name="password" error={error?.fields.password} />
      <Button type="submit" look="primary" wide busy={busy}>
        Create account
      </Button>
      <ContinueWithGoogle next={next} />
      <p className={styles.other}>
        Already registered? <Link href={paths.login(next)}>Log in</Link>
      </p>
    </form>
  );
}
