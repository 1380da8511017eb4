import type { Metadata } from "next";

import { AccountPage } from "@/components/auth/account-page";
import { RegisterForm } from "@/components/auth/register-form";

export const metadata: Metadata = { title: "Create an account" };

export default function RegisterPage() {
  return (
    <AccountPage title="Create an account" lead="Connect your tools and see what is in them in one place.">
      <RegisterForm />
    </AccountPage>
  );
}
