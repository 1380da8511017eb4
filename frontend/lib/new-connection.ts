import type { Connection } from "./api/types";
import { isEnded } from "./runs";

/** The connection that consent made or renewed since `before` was listed. */
export function newConnection(before: readonly Connection[], after: readonly Connection[]): Connection | null {
  const known = new Map(before.map((each) => [each.id, each.connected_at]));
  const isNew = ({ id, connected_at }: Connection) => !known.has(id) || known.get(id) !== connected_at;
  return after.find((each) => each.status !== "disconnected" && isNew(each)) ?? null;
}

/**
 * Whether the server has also asked for the sync that follows consent: that comes a moment after the account is listed as
 * connected, and a page that has stopped looking by then would not learn of it.
 */
export function hasSettled({ run, status, connected_at }: Connection): boolean {
  if (!run) return false;
  const goesOn = !isEnded(run) && status !== "needs_reauth";
  return goesOn || Date.parse(run.requested_at) >= Date.parse(connected_at);
}
