import type { Connection } from "./api/types";

/** What a person can do here about a connection. */
export type Step = "sync" | "reconnect";

interface Steps {
  /** The one that stands beside the words about what is wrong; null where only waiting or somebody else helps. */
  advised: Step | null;
  /** What can be done besides. */
  others: readonly Step[];
}

const ADVISED: Readonly<Record<string, Step>> = { reconnect: "reconnect", sync_again: "sync" };

export function stepsOf({ status, last_error }: Pick<Connection, "status" | "last_error">): Steps {
  if (status === "disconnected") return { advised: null, others: ["reconnect"] };
  const advised = (last_error && ADVISED[last_error.action]) ?? null;
  const possible: Step = status === "needs_reauth" ? "reconnect" : "sync";
  return { advised, others: possible === advised ? [] : [possible] };
}
