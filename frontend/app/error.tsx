"use client";

import { Button } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";

export default function ErrorPage({ reset }: { reset: () => void }) {
  return (
    <main>
      <EmptyState title="Something went wrong" action={<Button onClick={reset}>Try again</Button>}>
        This page could not be drawn. What is stored is not affected.
      </EmptyState>
    </main>
  );
}
