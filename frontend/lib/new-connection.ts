import type { Connection } from "./api/types";

/** The connection that consent made or renewed since `before` was listed. */
export function newConnection(before: readonly Connection[], after: readonly Connection[]): Connection | null {
  const known = new Map(before.map((each) => [each.id, each.connected_at]));
  const isNew = ({ id, connected_at }: Connection) => !known.has(id) || known.get(id) !== connected_at;
  return after.find((each) => each.status !== "disconnected" && isNew(each)) ?? null;
}
