"use client";

import { Alert } from "@/components/ui/alert";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { EmptyState } from "@/components/ui/empty-state";
import { PageHeader } from "@/components/ui/page-header";
import { messageOfError } from "@/lib/messages";

import { IntegrationCard } from "./integration-card";
import { IntegrationSkeleton } from "./integration-skeleton";
import { useIntegrations } from "./integrations-provider";
import styles from "./integrations-view.module.css";

export function IntegrationsView() {
  const { list, error, reload } = useIntegrations();
  return (
    <>
      <PageHeader title="Integrations">Connect your accounts, and keep what is in them in sync.</PageHeader>
      {error && (
        <Alert
          tone="danger"
          actions={
            <Button size="sm" onClick={() => void reload().catch(() => undefined)}>
              Try again
            </Button>
          }
        >
          {messageOfError(error)}
        </Alert>
      )}
      {list?.items.length === 0 && (
        <Card>
          <EmptyState title="No integrations">This server knows no provider yet.</EmptyState>
        </Card>
      )}
      <div className={styles.cards} aria-busy={!list && !error}>
        {!list && !error && <IntegrationSkeleton />}
        {list?.items.map((integration) => (
          <IntegrationCard key={integration.slug} integration={integration} />
        ))}
      </div>
    </>
  );
}
