import type { Item } from "@/lib/api/types";
import { dateAndTime } from "@/lib/format";

import styles from "./item-details.module.css";

/** What the provider said of an item, and what we know of it, as text. */
export function ItemDetails({ item }: { item: Item }) {
  const known: [string, string | null][] = [
    ["Id at the source", item.external_id],
    ["Belongs to", item.parent_path_or_name ?? item.parent_id],
    ["Created", time(item.creation_time)],
    ["Last modified", time(item.last_modified_time)],
    ["Synced", time(item.synced_at)],
  ];
  const properties = Object.entries(item.properties).map(([name, value]): [string, string | null] => [
    name,
    text(value),
  ]);
  return (
    <div className={styles.details}>
      <Facts title="Properties" facts={properties} />
      <Facts title="About this item" facts={known} />
    </div>
  );
}

function Facts({ title, facts }: { title: string; facts: readonly [string, string | null][] }) {
  const told = facts.filter((fact): fact is [string, string] => fact[1] !== null);
  return (
    <section>
      <h3>{title}</h3>
      {told.length ? (
        <dl>
          {told.map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      ) : (
        <p>None.</p>
      )}
    </section>
  );
}

function time(given: string | null): string | null {
  return given && dateAndTime(given);
}

function text(value: unknown): string | null {
  if (value === null || value === undefined || value === "") return null;
  return typeof value === "string" ? value : JSON.stringify(value, null, 2);
}
