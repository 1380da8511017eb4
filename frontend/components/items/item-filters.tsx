import { Select } from "@/components/ui/field";
import type { Integration } from "@/lib/api/types";
import { capitalised, pluralOf } from "@/lib/format";
import type { ItemFilter } from "@/lib/paths";

import styles from "./items-view.module.css";

interface ItemFiltersProps {
  integrations: readonly Integration[];
  filter: ItemFilter;
  onChange: (filter: ItemFilter) => void;
}

export function ItemFilters({ integrations, filter, onChange }: ItemFiltersProps) {
  const kinds = kindsOf(integrations, filter.connection);
  return (
    <div className={styles.filters} role="group" aria-label="Filters">
      <Select
        label="Account"
        value={filter.connection ?? ""}
        onChange={({ target }) => {
          const connection = target.value || null;
          const kept = filter.kind && kindsOf(integrations, connection).includes(filter.kind);
          onChange({ connection, kind: kept ? filter.kind : null });
        }}
        options={[{ value: "", text: "All accounts" }, ...accountOptions(integrations)]}
      />
      <Select
        label="Kind"
        value={filter.kind ?? ""}
        onChange={({ target }) => onChange({ ...filter, kind: target.value || null })}
        options={[
          { value: "", text: "All kinds" },
          ...kinds.map((kind) => ({ value: kind, text: capitalised(pluralOf(kind)) })),
        ]}
      />
    </div>
  );
}

function accountOptions(integrations: readonly Integration[]) {
  return integrations.flatMap(({ name, connections }) =>
    connections.map(({ id, account }) => ({ value: id, text: `${name}: ${account.name}` })),
  );
}

/** Kinds of the connection's provider, or of all of them. */
function kindsOf(integrations: readonly Integration[], connection: string | null | undefined): string[] {
  const ofConnection = integrations.filter((each) => each.connections.some(({ id }) => id === connection));
  const concerned = ofConnection.length ? ofConnection : integrations;
  return [...new Set(concerned.flatMap((each) => each.kinds))];
}
