"use client";

import Link from "next/link";
import { useSearchParams } from "next/navigation";
import { useState, type FormEvent } from "react";

import { Alert } from "@/components/ui/alert";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { logIn, register } from "@/lib/api/client";
import { asApiError, type ApiError } from "@/lib/api/problem";
import { messageOfError } from "@/lib/messages";
import { paths } from "@/lib/paths";

import styles from "./account-form.module.css";

export function RegisterForm() {
  const next = useSearchParams().get("next") ?? undefined;
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  const [mailedTo, setMailedTo] = useState<string | null>(null);

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    if (busy) return;
    const entered = new FormData(event.currentTarget);
    const email = String(entered.get("email")).trim();
    const password = String(entered.get("password"));
    setBusy(true);
    setError(null);
    try {
      if (await register(email, password, String(entered.get("full_name")).trim())) await logIn(email, password);
      else setMailedTo(email);
    } catch (failure) {
      setError(asApiError(failure));
      setBusy(false);
    }
  }

  if (mailedTo) {
    return (
      <Alert tone="success">
        We have sent a message to <strong>{mailedTo}</strong>. Follow its link to finish the registration.
      </Alert>
    );
  }
  const { email, password, full_name: fullName, ...others } = error?.fields ?? {};
  return (
    <form className={styles.form} method="post" onSubmit={submit}>
      {error && <Alert tone="danger">{[messageOfError(error), ...Object.values(others)].join(" ")}</Alert>}
      <Field label="Full name" name="full_name" autoComplete="name" autoFocus error={fullName} />
      <Field label="E-mail" name="email" type="email" autoComplete="username" required error={email} />
      <Field
        label="Password"
        name="password"
        type="password"
        autoComplete="new-password"
        required
        hint="A sentence of your own works well: 12 characters or more."
        error={password}
      />
      <Button type="submit" look="primary" wide busy={busy}>
        Create account
      </Button>
      <p className={styles.other}>
        Already registered? <Link href={paths.login(next)}>Log in</Link>
      </p>
    </form>
  );
}
