import Link from "next/link";
import { useId, type ReactNode } from "react";

import type { Item } from "@/lib/api/types";
import { dateAndTime } from "@/lib/format";
import { textOf } from "@/lib/item-properties";
import { paths } from "@/lib/paths";

import styles from "./item-details.module.css";

type Fact = [name: string, value: ReactNode];

/** What the provider said of an item, and what we know of it, as text. */
export function ItemDetails({ item }: { item: Item }) {
  const { markdown, facts } = textOf(item.properties);
  const known: Fact[] = [
    ["Belongs to", parentOf(item)],
    ["Id at the provider", item.external_id],
    ["Created", time(item.creation_time)],
    ["Last modified", time(item.last_modified_time)],
    ["Synced", time(item.synced_at)],
  ];
  return (
    <div className={styles.details}>
      {markdown && <Text text={markdown} />}
      <div className={styles.facts}>
        <Facts title="Properties" facts={facts} />
        <Facts title="About this item" facts={known} />
      </div>
    </div>
  );
}

function Text({ text }: { text: string }) {
  const heading = useId();
  return (
    <section>
      <h3 id={heading}>Text</h3>
      {/* It scrolls, so the keyboard must reach it. */}
      <pre dir="auto" tabIndex={0} role="region" aria-labelledby={heading}>
        {text}
      </pre>
    </section>
  );
}

function Facts({ title, facts }: { title: string; facts: readonly Fact[] }) {
  const told = facts.filter(([, value]) => value);
  return (
    <section>
      <h3>{title}</h3>
      {told.length ? (
        <dl>
          {told.map(([name, value]) => (
            <div key={name}>
              <dt dir="auto">{name}</dt>
              <dd dir="auto">{value}</dd>
            </div>
          ))}
        </dl>
      ) : (
        <p>None.</p>
      )}
    </section>
  );
}

function parentOf({ parent_id, parent_path_or_name }: Item): ReactNode {
  if (!parent_id) return parent_path_or_name;
  return <Link href={paths.item(parent_id)}>{parent_path_or_name?.trim() || "Another item"}</Link>;
}

function time(given: string | null): string | null {
  return given && dateAndTime(given);
}
