import type { Metadata, Viewport } from "next";
import type { ReactNode } from "react";

import { SessionRestorer } from "@/components/auth/session-restorer";
import icon from "@/components/shell/icon.svg";

import "@/styles/tokens.css";
import "@/styles/base.css";

export const metadata: Metadata = {
  title: { default: "VectorShift", template: "%s · VectorShift" },
  description: "Connect your accounts and see what is in them in one place.",
  referrer: "same-origin",
};

export const viewport: Viewport = { colorScheme: "light dark" };

export default function RootLayout({ children }: { children: ReactNode }) {
  return (
    <html lang="en">
      <head>
        {/* Not an icon of the router's: it changes those with each page, and in between browsers want /favicon.ico. */}
        <link rel="icon" type="image/svg+xml" href={icon.src} />
      </head>
      <body>
        <noscript>VectorShift needs JavaScript.</noscript>
        <SessionRestorer />
        {children}
      </body>
    </html>
  );
}
