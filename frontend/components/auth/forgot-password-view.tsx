"use client";

import { requestPasswordReset } from "@/lib/api/client";

import { MailRequest } from "./mail-request";

export function ForgotPasswordView() {
  return (
    <MailRequest
      title="Forgot your password?"
      lead="We send you a link by which you choose a new one."
      condition="has an account"
      ask={requestPasswordReset}
    />
  );
}
