import { Suspense, type ReactNode } from "react";

import { PageSpinner } from "@/components/shell/page-spinner";

/** These pages read the address, which is not known when they are exported. */
export default function AccountLayout({ children }: { children: ReactNode }) {
  return <Suspense fallback={<PageSpinner />}>{children}</Suspense>;
}
