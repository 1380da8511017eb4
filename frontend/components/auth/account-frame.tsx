"use client";

import { useEffect, useRef, type ReactNode } from "react";

import { Wordmark } from "@/components/shell/wordmark";
import { Card } from "@/components/ui/card";

import styles from "./account-frame.module.css";

interface AccountFrameProps {
  title: string;
  lead: ReactNode;
  children: ReactNode;
}

/** How pages look outside of the workspace. A title that changes says that the page has gone a step further. */
export function AccountFrame({ title, lead, children }: AccountFrameProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  const drawn = useRef(title);
  useEffect(() => {
    if (drawn.current !== title) heading.current?.focus();
    drawn.current = title;
  }, [title]);
  return (
    <main className={styles.page}>
      <Wordmark />
      <Card labelledBy="account-title">
        <div className={styles.content}>
          <header>
            <h1 id="account-title" ref={heading} tabIndex={-1}>
              {title}
            </h1>
            <p>{lead}</p>
          </header>
          {children}
        </div>
      </Card>
    </main>
  );
}
