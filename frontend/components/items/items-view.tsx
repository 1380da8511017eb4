"use client";

import { useRouter, useSearchParams } from "next/navigation";
import { startTransition, useOptimistic } from "react";

import { useIntegrations } from "@/components/integrations/integrations-provider";
import { PageHeader } from "@/components/ui/page-header";
import { paths, type ItemFilter } from "@/lib/paths";

import { ItemFilters } from "./item-filters";
import { ItemList } from "./item-list";
import { ItemView } from "./item-view";
import styles from "./items-view.module.css";

/** The items under a filter, or the one that the address names. */
export function ItemsView() {
  const router = useRouter();
  const query = useSearchParams();
  // The address follows a choice a moment later: whoever chose again by then would lose the first choice.
  const [filter, setFilter] = useOptimistic<ItemFilter>({
    provider: query.get("provider"),
    connection: query.get("connection"),
    kind: query.get("kind"),
  });
  const { list } = useIntegrations();
  const integrations = list?.items ?? [];
  const item = query.get("item");
  if (item) return <ItemView key={item} id={item} integrations={integrations} />;

  function choose(chosen: ItemFilter) {
    startTransition(() => {
      setFilter(chosen);
      router.replace(paths.items(chosen));
    });
  }

  return (
    <>
      <PageHeader title="Items">Everything that was synced from your accounts.</PageHeader>
      <div className={styles.items}>
        <ItemFilters integrations={integrations} filter={filter} onChange={choose} />
        <ItemList key={paths.items(filter)} integrations={integrations} filter={filter} />
      </div>
    </>
  );
}
