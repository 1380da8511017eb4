"use client";

import { useRouter, useSearchParams } from "next/navigation";
import { useEffect, type ReactNode } from "react";

import { PageSpinner } from "@/components/shell/page-spinner";
import { Wordmark } from "@/components/shell/wordmark";
import { Card } from "@/components/ui/card";
import { useSession } from "@/lib/api/use-session";
import { pageAfterLogin } from "@/lib/paths";

import styles from "./account-page.module.css";

/** Frame of the pages for people who are not signed in. Whoever is, or becomes so, is led on. */
export function AccountPage({ title, lead, children }: { title: string; lead: string; children: ReactNode }) {
  const { status } = useSession();
  const router = useRouter();
  const next = useSearchParams().get("next");
  useEffect(() => {
    if (status === "signed-in") router.replace(pageAfterLogin(next));
  }, [status, next, router]);
  if (status === "restoring" || status === "signed-in") return <PageSpinner />;
  return (
    <main className={styles.page}>
      <Wordmark />
      <Card labelledBy="account-title">
        <div className={styles.content}>
          <header>
            <h1 id="account-title">{title}</h1>
            <p>{lead}</p>
          </header>
          {children}
        </div>
      </Card>
    </main>
  );
}
