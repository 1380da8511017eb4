"use client";

import { useIntegrations } from "@/components/integrations/integrations-provider";
import { webUrl } from "@/lib/web-url";

import styles from "./sandbox-banner.module.css";

const names = new Intl.ListFormat("en");

/** Says which providers are played by the sandbox, where any are. */
export function SandboxBanner() {
  const { list } = useIntegrations();
  const played = list?.items.filter((each) => each.sandbox) ?? [];
  if (!played.length) return null;
  const sandbox = webUrl(list?.sandbox_url);
  return (
    <aside className={styles.banner} aria-label="Sandbox">
      <p>
        <strong>The sandbox is playing {names.format(played.map((each) => each.name))}.</strong> No account is needed
        there, and any e-mail address works here.{" "}
        {sandbox && (
          <a href={sandbox} target="_blank" rel="noopener noreferrer">
            Open the sandbox
          </a>
        )}
      </p>
    </aside>
  );
}
