import type { Integration, Item } from "@/lib/api/types";

/** The name of the provider that an item comes from. */
export function sourceOf({ source }: Item, integrations: readonly Integration[]): string {
  return integrations.find(({ slug }) => slug === source)?.name ?? source;
}
