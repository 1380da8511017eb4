"use client";

import { useSyncExternalStore } from "react";

import { session } from "./client";
import type { SessionState } from "./session";

const RESTORING: SessionState = { status: "restoring" };

export function useSession(): SessionState {
  return useSyncExternalStore(session.subscribe, session.state, () => RESTORING);
}
