"use client";

import { Fragment, useId, useState } from "react";

import { Badge } from "@/components/ui/badge";
import { tableStyles } from "@/components/ui/table";
import { TimeAgo } from "@/components/ui/time-ago";
import type { Item } from "@/lib/api/types";
import { capitalised, kindName, nameOf } from "@/lib/format";
import { webUrl } from "@/lib/web-url";

import { ItemDetails } from "./item-details";
import styles from "./item-row.module.css";

export const COLUMNS = 5;

/** One item, with all that is known of it below when it is opened. `source`: name of the provider. */
export function ItemRow({ item, source }: { item: Item; source: string }) {
  const [open, setOpen] = useState(false);
  const details = useId();
  const name = nameOf(item);
  const kind = capitalised(kindName(item.kind));
  const url = webUrl(item.url);
  const modified = item.last_modified_time ? <TimeAgo time={item.last_modified_time} /> : "–";
  return (
    <Fragment>
      <tr className={open ? styles.open : undefined}>
        <td>
          <div className={styles.name}>
            <button
              type="button"
              aria-expanded={open}
              aria-controls={open ? details : undefined}
              onClick={() => setOpen(!open)}
            >
              <svg className={styles.arrow} viewBox="0 0 16 16" width="14" height="14" aria-hidden="true">
                <path d="M6 3.5 10.5 8 6 12.5" />
              </svg>
              {item.directory && <DirectoryIcon />}
              <bdi>{name}</bdi>
            </button>
            {item.directory && <span className="visually-hidden">Holds other items</span>}
            {item.deleted_at && <Badge>Deleted</Badge>}
          </div>
          {item.parent_path_or_name && (
            <p className={styles.place}>
              In <bdi>{item.parent_path_or_name}</bdi>
            </p>
          )}
          <p className={styles.narrow}>
            {kind} · {source} · {modified}
          </p>
        </td>
        <td className={tableStyles.wide}>{kind}</td>
        <td className={tableStyles.wide}>{source}</td>
        <td className={tableStyles.wide}>{modified}</td>
        <td className={tableStyles.end}>
          {url ? (
            <a href={url} target="_blank" rel="noopener noreferrer" aria-label={`Open ${name} at ${source}`}>
              Open
            </a>
          ) : (
            <span className={styles.none}>–</span>
          )}
        </td>
      </tr>
      {open && (
        <tr id={details}>
          <td colSpan={COLUMNS} className={styles.details}>
            <ItemDetails item={item} />
          </td>
        </tr>
      )}
    </Fragment>
  );
}

function DirectoryIcon() {
  return (
    <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
      <path d="M1.5 12.5v-9h4.5l1.5 2h7v7z" />
    </svg>
  );
}
