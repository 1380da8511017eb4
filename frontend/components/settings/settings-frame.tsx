"use client";

import Link from "next/link";
import { usePathname } from "next/navigation";
import type { ReactNode } from "react";

import { PageHeader } from "@/components/ui/page-header";
import { paths } from "@/lib/paths";

import styles from "./settings-frame.module.css";

const PAGES = [
  { text: "Profile", href: paths.profile() },
  { text: "Security", href: paths.security() },
];

export function SettingsFrame({ children }: { children: ReactNode }) {
  const pathname = usePathname();
  return (
    <>
      <PageHeader title="Settings">What you tell about yourself, and who gets into your account.</PageHeader>
      <nav className={styles.pages} aria-label="Settings">
        {PAGES.map(({ text, href }) => (
          <Link key={href} href={href} aria-current={pathname === href ? "page" : undefined}>
            {text}
          </Link>
        ))}
      </nav>
      {children}
    </>
  );
}
