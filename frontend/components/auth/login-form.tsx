"use client";

import Link from "next/link";
import { useSearchParams } from "next/navigation";
import { useState, type FormEvent } from "react";

import { Alert } from "@/components/ui/alert";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { logIn } from "@/lib/api/client";
import { asApiError, type ApiError } from "@/lib/api/problem";
import { messageOfError } from "@/lib/messages";
import { paths } from "@/lib/paths";

import styles from "./account-form.module.css";

export function LoginForm() {
  const next = useSearchParams().get("next") ?? undefined;
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    if (busy) return;
    const entered = new FormData(event.currentTarget);
    setBusy(true);
    setError(null);
    try {
      await logIn(String(entered.get("email")).trim(), String(entered.get("password")));
    } catch (failure) {
      setError(asApiError(failure));
      setBusy(false);
    }
  }

  return (
    <form className={styles.form} method="post" onSubmit={submit}>
      {error && <Alert tone="danger">{messageOfError(error)}</Alert>}
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
      <p className={styles.other}>
        New here? <Link href={paths.register(next)}>Create an account</Link>
      </p>
    </form>
  );
}
