"use client";

import Link from "next/link";
import { usePathname } from "next/navigation";

import type { User } from "@/lib/api/types";
import { paths } from "@/lib/paths";

import styles from "./header.module.css";
import { LogOutButton } from "./log-out-button";
import { Wordmark } from "./wordmark";

const PAGES = [
  { text: "Integrations", href: paths.integrations() },
  { text: "Items", href: paths.items() },
];

export function Header({ user }: { user: User }) {
  const pathname = usePathname();
  return (
    <header className={styles.header}>
      <div className={styles.bar}>
        <Wordmark />
        <nav className={styles.pages} aria-label="Main">
          {PAGES.map(({ text, href }) => (
            <Link key={href} href={href} aria-current={pathname === href ? "page" : undefined}>
              {text}
            </Link>
          ))}
        </nav>
        <div className={styles.person}>
          <span className={styles.name} title={user.email}>
            {user.profile.full_name ?? user.email}
          </span>
          <LogOutButton />
        </div>
      </div>
    </header>
  );
}
