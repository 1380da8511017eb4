import { Select } from "@/components/ui/field";
import type { Integration } from "@/lib/api/types";
import { capitalised, pluralOf } from "@/lib/format";
import { accountsToChoose, kindsToChoose, providersToChoose, withAccount, withProvider } from "@/lib/item-filter";
import type { ItemFilter } from "@/lib/paths";

import styles from "./items-view.module.css";

interface ItemFiltersProps {
  /** Empty until they are known. */
  integrations: readonly Integration[];
  filter: ItemFilter;
  onChange: (filter: ItemFilter) => void;
}

interface Option {
  value: string;
  text: string;
}

export function ItemFilters({ integrations, filter, onChange }: ItemFiltersProps) {
  const providers = providersToChoose(integrations).map(({ slug, name }) => ({ value: slug, text: name }));
  const otherAccount = integrations.length ? "Another account" : "…";
  const accounts = accountsToChoose(integrations, filter).map(({ id, name }) => ({ value: id, text: name }));
  const kinds = kindsToChoose(integrations, filter).map((kind) => ({ value: kind, text: kindText(kind) }));
  return (
    <div className={styles.filters} role="group" aria-label="Filters">
      <Select
        label="Provider"
        value={filter.provider ?? ""}
        onChange={({ target }) => onChange(withProvider(integrations, filter, target.value || null))}
        options={optionsWith(filter.provider, "All providers", providers)}
      />
      <Select
        label="Account"
        value={filter.connection ?? ""}
        onChange={({ target }) => onChange(withAccount(integrations, filter, target.value || null))}
        options={optionsWith(filter.connection, "All accounts", accounts, otherAccount)}
      />
      <Select
        label="Kind"
        value={filter.kind ?? ""}
        onChange={({ target }) => onChange({ ...filter, kind: target.value || null })}
        options={optionsWith(filter.kind, "All kinds", kinds, kindText(filter.kind ?? ""))}
      />
    </div>
  );
}

/** What is chosen is always among them, also where the address of the page names what is not there (any more). */
function optionsWith(
  chosen: string | null | undefined,
  all: string,
  options: readonly Option[],
  otherwise = chosen ?? "",
): Option[] {
  const isThere = !chosen || options.some(({ value }) => value === chosen);
  return [{ value: "", text: all }, ...options, ...(isThere ? [] : [{ value: chosen, text: otherwise }])];
}

function kindText(kind: string): string {
  return capitalised(pluralOf(kind));
}
