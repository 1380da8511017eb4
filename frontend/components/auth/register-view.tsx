"use client";

import { useState } from "react";

import { resendVerification } from "@/lib/api/client";

import { AccountPage } from "./account-page";
import { CheckMail } from "./check-mail";
import { RegisterForm } from "./register-form";

export function RegisterView() {
  const [mailedTo, setMailedTo] = useState<string | null>(null);
  if (mailedTo !== null) {
    const lead = (
      <>
        We have sent a mail to <strong>{mailedTo}</strong>. Follow its link to finish the registration.
      </>
    );
    return (
      <AccountPage title="Check your mail" lead={lead}>
        <CheckMail onResend={() => resendVerification(mailedTo)} onOther={() => setMailedTo(null)} />
      </AccountPage>
    );
  }
  return (
    <AccountPage title="Create an account" lead="Connect your tools and see what is in them in one place.">
      <RegisterForm onMailed={setMailedTo} />
    </AccountPage>
  );
}
