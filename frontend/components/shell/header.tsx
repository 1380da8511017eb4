"use client";

import Link from "next/link";
import { usePathname } from "next/navigation";

import type { User } from "@/lib/api/types";
import { paths } from "@/lib/paths";

import styles from "./header.module.css";
import { LogOutButton } from "./log-out-button";
import { Wordmark } from "./wordmark";

/** Several addresses stand for one entry, which leads to the first. */
const PAGES: readonly { text: string; hrefs: readonly [string, ...string[]] }[] = [
  { text: "Integrations", hrefs: [paths.integrations()] },
  { text: "Items", hrefs: [paths.items()] },
  { text: "Settings", hrefs: [paths.profile(), paths.security()] },
];

export function Header({ user }: { user: User }) {
  const pathname = usePathname();
  return (
    <header className={styles.header}>
      <div className={styles.bar}>
        <Wordmark />
        <nav className={styles.pages} aria-label="Main">
          {PAGES.map(({ text, hrefs }) => (
            <Link key={text} href={hrefs[0]} aria-current={hrefs.includes(pathname) ? "page" : undefined}>
              {text}
            </Link>
          ))}
        </nav>
        <div className={styles.person}>
          <span className={styles.name} title={user.email}>
            {user.profile.display_name ?? user.profile.full_name ?? user.email}
          </span>
          <LogOutButton />
        </div>
      </div>
    </header>
  );
}
