"use client";

import { useSyncExternalStore } from "react";

import { session } from "./client";
import type { SessionState } from "./session";
import type { User } from "./types";

const RESTORING: SessionState = { status: "restoring" };

export function useSession(): SessionState {
  return useSyncExternalStore(session.subscribe, session.state, () => RESTORING);
}

/** The person who is signed in; null for nobody. */
export function useUser(): User | null {
  const state = useSession();
  return state.status === "signed-in" ? state.user : null;
}
