import type { Metadata } from "next";

import { AccountPage } from "@/components/auth/account-page";
import { LoginForm } from "@/components/auth/login-form";

export const metadata: Metadata = { title: "Log in" };

export default function LoginPage() {
  return (
    <AccountPage title="Log in" lead="Welcome back.">
      <LoginForm />
    </AccountPage>
  );
}
