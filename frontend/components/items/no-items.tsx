import { ButtonLink } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";
import type { Integration } from "@/lib/api/types";
import { paths, type ItemFilter } from "@/lib/paths";

export function NoItems({ integrations, filter }: { integrations: readonly Integration[]; filter: ItemFilter }) {
  if (filter.provider || filter.connection || filter.kind) {
    return (
      <EmptyState title="Nothing matches" action={<ButtonLink href={paths.items()}>Show all items</ButtonLink>}>
        No item of this choice has been synced.
      </EmptyState>
    );
  }
  const connected = integrations.some((each) => each.connections.some(({ status }) => status !== "disconnected"));
  return (
    <EmptyState title="No items yet" action={<ButtonLink href={paths.integrations()}>Go to integrations</ButtonLink>}>
      {connected
        ? "What your accounts hold appears here as soon as a sync has read it."
        : "Connect an account, and what it holds appears here."}
    </EmptyState>
  );
}
