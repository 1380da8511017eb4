"use client";

import { useRouter } from "next/navigation";
import { useEffect } from "react";

import { PageSpinner } from "@/components/shell/page-spinner";
import { useSession } from "@/lib/api/use-session";
import { paths } from "@/lib/paths";

import { SessionUnavailable } from "./session-unavailable";

/** The address of the whole site: leads on to where the visitor belongs. */
export function Entrance() {
  const state = useSession();
  const router = useRouter();
  useEffect(() => {
    if (state.status === "signed-in") router.replace(paths.integrations());
    if (state.status === "signed-out") router.replace(paths.login());
  }, [state.status, router]);
  return state.status === "unavailable" ? <SessionUnavailable error={state.error} /> : <PageSpinner />;
}
