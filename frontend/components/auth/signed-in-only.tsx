"use client";

import { usePathname, useRouter } from "next/navigation";
import { useEffect, type ReactNode } from "react";

import { PageSpinner } from "@/components/shell/page-spinner";
import type { User } from "@/lib/api/types";
import { useSession } from "@/lib/api/use-session";
import { paths } from "@/lib/paths";

import { SessionUnavailable } from "./session-unavailable";

/** Draws its content for the person who is signed in; others are led to the login page, and back here afterwards. */
export function SignedInOnly({ children }: { children: (user: User) => ReactNode }) {
  const state = useSession();
  const router = useRouter();
  const pathname = usePathname();
  useEffect(() => {
    if (state.status !== "signed-out") return;
    router.replace(paths.login(state.chosen ? undefined : pathname + window.location.search));
  }, [state, pathname, router]);
  if (state.status === "unavailable") return <SessionUnavailable error={state.error} />;
  return state.status === "signed-in" ? children(state.user) : <PageSpinner />;
}
