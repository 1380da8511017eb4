"use client";

import { useRef } from "react";

import { Alert } from "@/components/ui/alert";
import { Button, ButtonLink } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import type { Integration } from "@/lib/api/types";
import { messageOfError } from "@/lib/messages";
import { paths, type ItemFilter } from "@/lib/paths";

import { ItemTable } from "./item-table";
import styles from "./items-view.module.css";
import { NoItems } from "./no-items";
import { Position } from "./position";
import { useItemPages } from "./use-item-pages";

export function ItemList({ integrations, filter }: { integrations: readonly Integration[]; filter: ItemFilter }) {
  const { shown, error, loading, reload, restart, previous, next } = useItemPages(filter);
  const top = useRef<HTMLDivElement>(null);
  const page = shown?.page;

  function turn(page: () => void) {
    page();
    // Whoever turns the page below the table goes on reading above it.
    top.current?.scrollIntoView({ block: "nearest" });
  }

  const pager = (
    <div className={styles.buttons}>
      <Button size="sm" disabled={!previous} onClick={() => previous && turn(previous)}>
        Previous
      </Button>
      <Button size="sm" disabled={!next} onClick={() => next && turn(next)}>
        Next
      </Button>
    </div>
  );
  return (
    <Card>
      <div ref={top} className={styles.bar}>
        <Position page={page} index={shown?.index ?? 0} loading={loading} />
        <div className={styles.buttons}>
          <Button size="sm" look="quiet" busy={loading} onClick={reload}>
            Refresh
          </Button>
          {pager}
        </div>
      </div>
      {error && (
        <div className={styles.problem}>
          <Alert
            tone="danger"
            actions={
              error.status === 404 ? (
                <ButtonLink size="sm" href={paths.items()}>
                  Show all items
                </ButtonLink>
              ) : (
                <Button size="sm" onClick={error.code === "cursor_invalid" ? restart : reload}>
                  {error.code === "cursor_invalid" ? "Back to the first page" : "Try again"}
                </Button>
              )
            }
          >
            {messageOfError(error)}
          </Alert>
        </div>
      )}
      {page?.items.length === 0 && !loading && <NoItems integrations={integrations} filter={filter} />}
      {(page ? page.items.length > 0 : loading) && (
        <div className={loading && page ? styles.stale : undefined}>
          <ItemTable items={page?.items ?? null} integrations={integrations} />
        </div>
      )}
      {page && page.items.length > 10 && <div className={`${styles.bar} ${styles.foot}`}>{pager}</div>}
    </Card>
  );
}
