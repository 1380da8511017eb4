"use client";

import { useEffect, useId, useRef, useState } from "react";

import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import type { Integration } from "@/lib/api/types";
import { capitalised, pluralOf } from "@/lib/format";

import { ConnectionRow } from "./connection-row";
import { FlowNotice } from "./flow-notice";
import styles from "./integration-card.module.css";
import { useConnectFlow } from "./use-connect-flow";

export function IntegrationCard({ integration }: { integration: Integration }) {
  const { slug, name, logo, kinds, configured, sandbox, connections } = integration;
  const { flow, start, stop } = useConnectFlow(slug);
  const heading = useId();
  const title = useRef<HTMLHeadingElement>(null);
  const [end, setEnd] = useState<{ said: string } | null>(null);
  const connecting = flow.step === "starting" || flow.step === "waiting";

  // The button that was pressed has gone. An effect, for as long as its dialog is open nothing else takes the focus.
  useEffect(() => {
    if (end) title.current?.focus();
  }, [end]);

  return (
    <Card labelledBy={heading}>
      <header className={styles.header}>
        <img className={styles.logo} src={logo} alt="" width={44} height={44} />
        <div className={styles.title}>
          <h2 id={heading} ref={title} tabIndex={-1}>
            {name}
          </h2>
          <p>{capitalised(kinds.map(pluralOf).join(", "))}</p>
        </div>
        {sandbox && <Badge tone="info">Sandbox</Badge>}
        {configured ? (
          <div className={styles.connect}>
            <Button
              look={connections.length ? "secondary" : "primary"}
              busy={connecting}
              onClick={() => start()}
              aria-describedby={heading}
            >
              {connections.length ? "Connect another account" : "Connect"}
            </Button>
          </div>
        ) : (
          <Badge>Not set up</Badge>
        )}
      </header>
      <p className="visually-hidden" role="status">
        {end?.said}
      </p>
      <FlowNotice flow={flow} provider={name} onStart={start} onStop={stop} />
      {!configured && <NotSetUp slug={slug} />}
      {connections.length > 0 && (
        <ul className={styles.connections} aria-label={`${name} accounts`}>
          {connections.map((connection) => (
            <ConnectionRow
              key={connection.id}
              integration={integration}
              connection={connection}
              reconnecting={connecting}
              onReconnect={start}
              onEnd={(said) => setEnd({ said })}
            />
          ))}
        </ul>
      )}
    </Card>
  );
}

function NotSetUp({ slug }: { slug: string }) {
  const prefix = slug.toUpperCase().replaceAll("-", "_");
  return (
    <p className={styles.note}>
      Whoever runs this server can switch it on with the settings <code>{prefix}_CLIENT_ID</code> and{" "}
      <code>{prefix}_CLIENT_SECRET</code>.
    </p>
  );
}
