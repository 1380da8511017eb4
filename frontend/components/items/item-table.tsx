import { Skeleton } from "@/components/ui/skeleton";
import { Table, tableStyles } from "@/components/ui/table";
import type { Integration, Item } from "@/lib/api/types";

import { COLUMNS, ItemRow } from "./item-row";
import { sourceOf } from "./source";

/** `items`: null while the first page is loading. */
export function ItemTable({
  items,
  integrations,
}: {
  items: readonly Item[] | null;
  integrations: readonly Integration[];
}) {
  const head = (
    <tr>
      <th scope="col">Name</th>
      <th scope="col" className={tableStyles.wide}>
        Kind
      </th>
      <th scope="col" className={tableStyles.wide}>
        Provider
      </th>
      <th scope="col" className={tableStyles.wide}>
        Last modified
      </th>
      <th scope="col" className={tableStyles.end}>
        Link
      </th>
    </tr>
  );
  return (
    <Table caption="Items" busy={!items} head={head}>
      {items?.map((item) => (
        <ItemRow key={item.id} item={item} source={sourceOf(item, integrations)} />
      ))}
      {!items && Array.from({ length: 8 }, (_, row) => <SkeletonRow key={row} />)}
    </Table>
  );
}

function SkeletonRow() {
  return (
    <tr>
      <td colSpan={COLUMNS}>
        <Skeleton />
      </td>
    </tr>
  );
}
