import type { ItemPage } from "@/lib/api/types";
import { countOf, number } from "@/lib/format";

import { PAGE_SIZE } from "./use-item-pages";

/** "51–100 of 1,000 items", told to screen readers as it changes. */
export function Position({ page, index, loading }: { page: ItemPage | undefined; index: number; loading: boolean }) {
  return <p role="status">{page ? position(page, index) : loading ? "Loading items" : ""}</p>;
}

function position({ items, total, total_exact }: ItemPage, index: number): string {
  const all = `${total_exact ? "" : "about "}${countOf("item", total)}`;
  if (!items.length) return all;
  const first = index * PAGE_SIZE + 1;
  return `${number(first)}–${number(first + items.length - 1)} of ${all}`;
}
