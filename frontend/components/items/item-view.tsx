"use client";

import { useEffect, useRef } from "react";

import { Alert } from "@/components/ui/alert";
import { Badge } from "@/components/ui/badge";
import { Button, ButtonLink, OutsideButtonLink } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { PageHeader } from "@/components/ui/page-header";
import { Skeleton } from "@/components/ui/skeleton";
import type { Integration, Item } from "@/lib/api/types";
import { capitalised, kindName, nameOf } from "@/lib/format";
import { messageOfError } from "@/lib/messages";
import { paths } from "@/lib/paths";
import { webUrl } from "@/lib/web-url";

import { ItemDetails } from "./item-details";
import styles from "./item-view.module.css";
import { sourceOf } from "./source";
import { useItem } from "./use-item";

interface ItemViewProps {
  id: string;
  integrations: readonly Integration[];
}

/** One item, with all that is known of it. */
export function ItemView({ id, integrations }: ItemViewProps) {
  const { item, error, reload } = useItem(id);
  const top = useRef<HTMLDivElement>(null);
  // The link that has led here may be gone with what it stood in.
  useEffect(() => top.current?.focus(), []);
  return (
    <div ref={top} className={styles.view} tabIndex={-1}>
      <PageHeader
        title={item ? nameOf(item) : "Item"}
        action={
          <div className={styles.actions}>
            {item && <AtSource item={item} source={sourceOf(item, integrations)} />}
            <ButtonLink size="sm" href={paths.items()}>
              All items
            </ButtonLink>
          </div>
        }
      >
        {item && `${capitalised(kindName(item.kind))} · ${sourceOf(item, integrations)}`}
      </PageHeader>
      {error && (
        <Alert
          tone="danger"
          actions={
            error.status !== 404 && (
              <Button size="sm" onClick={reload}>
                Try again
              </Button>
            )
          }
        >
          {messageOfError(error)}
        </Alert>
      )}
      {!error && (
        <Card>
          <div className={styles.body} aria-busy={!item}>
            {item?.deleted_at && <Badge>Deleted</Badge>}
            {item ? <ItemDetails item={item} /> : <Skeleton />}
          </div>
        </Card>
      )}
    </div>
  );
}

function AtSource({ item, source }: { item: Item; source: string }) {
  const url = webUrl(item.url);
  return (
    url && (
      <OutsideButtonLink size="sm" href={url}>
        Open at {source}
      </OutsideButtonLink>
    )
  );
}
