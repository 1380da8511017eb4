import type { Metadata } from "next";
import { Suspense } from "react";

import { ItemsView } from "@/components/items/items-view";
import { PageSpinner } from "@/components/shell/page-spinner";

export const metadata: Metadata = { title: "Items" };

export default function ItemsPage() {
  return (
    <Suspense fallback={<PageSpinner />}>
      <ItemsView />
    </Suspense>
  );
}
