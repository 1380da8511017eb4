"use client";

import type { ReactNode } from "react";

import { SignedInOnly } from "@/components/auth/signed-in-only";
import { IntegrationsProvider } from "@/components/integrations/integrations-provider";

import { Header } from "./header";
import { SandboxBanner } from "./sandbox-banner";
import styles from "./workspace.module.css";

/** Frame of the pages for the person who is signed in. `key`: nothing of one person is shown to the next. */
export function Workspace({ children }: { children: ReactNode }) {
  return (
    <SignedInOnly>
      {(user) => (
        <IntegrationsProvider key={user.id}>
          <a className={styles.skip} href="#content">
            Skip to content
          </a>
          <Header user={user} />
          <SandboxBanner />
          <main id="content" className={styles.content} tabIndex={-1}>
            {children}
          </main>
        </IntegrationsProvider>
      )}
    </SignedInOnly>
  );
}
