"use client";

import { useRouter, useSearchParams } from "next/navigation";
import { useEffect, type ReactNode } from "react";

import { PageSpinner } from "@/components/shell/page-spinner";
import { useSession } from "@/lib/api/use-session";
import { pageAfterLogin } from "@/lib/paths";

import { AccountFrame } from "./account-frame";

interface AccountPageProps {
  title: string;
  lead: ReactNode;
  children: ReactNode;
}

/** Frame of the pages for people who are not signed in. Whoever is, or becomes so, is led on. */
export function AccountPage({ title, lead, children }: AccountPageProps) {
  const { status } = useSession();
  const router = useRouter();
  const next = useSearchParams().get("next");
  useEffect(() => {
    if (status === "signed-in") router.replace(pageAfterLogin(next));
  }, [status, next, router]);
  if (status === "restoring" || status === "signed-in") return <PageSpinner />;
  return (
    <AccountFrame title={title} lead={lead}>
      {children}
    </AccountFrame>
  );
}
