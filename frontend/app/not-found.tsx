import type { Metadata } from "next";

import { ButtonLink } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";
import { paths } from "@/lib/paths";

export const metadata: Metadata = { title: "Page not found" };

export default function NotFound() {
  return (
    <main>
      <EmptyState title="Page not found" action={<ButtonLink href={paths.home()}>Go to the start page</ButtonLink>}>
        There is no page at this address.
      </EmptyState>
    </main>
  );
}
