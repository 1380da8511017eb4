"use client";

import { useRouter, useSearchParams } from "next/navigation";

import { useIntegrations } from "@/components/integrations/integrations-provider";
import { PageHeader } from "@/components/ui/page-header";
import { paths, type ItemFilter } from "@/lib/paths";

import { ItemFilters } from "./item-filters";
import { ItemList } from "./item-list";
import styles from "./items-view.module.css";

export function ItemsView() {
  const router = useRouter();
  const query = useSearchParams();
  const { list } = useIntegrations();
  const filter: ItemFilter = { connection: query.get("connection"), kind: query.get("kind") };
  return (
    <>
      <PageHeader title="Items">Everything that was synced from your accounts.</PageHeader>
      <div className={styles.items}>
        <ItemFilters
          integrations={list?.items ?? []}
          filter={filter}
          onChange={(chosen) => router.replace(paths.items(chosen))}
        />
        <ItemList key={paths.items(filter)} integrations={list?.items ?? []} filter={filter} />
      </div>
    </>
  );
}
