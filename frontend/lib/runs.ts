import type { Run } from "./api/types";
import { number } from "./format";

const ENDED: readonly Run["status"][] = ["succeeded", "partial", "failed", "cancelled"];

export function isEnded(run: Run): boolean {
  return ENDED.includes(run.status);
}

/** Where a run stands, in words. */
export function progressOf(run: Run): string {
  if (run.status === "queued") return "The sync is about to start.";
  const read = `${number(run.counts.seen)} read so far`;
  if (run.status !== "waiting") return `Syncing, ${read}.`;
  return run.error ? `${run.error.detail} The sync goes on by itself, ${read}.` : `Waiting for the provider, ${read}.`;
}

/** How a run ended, in words; null where the connection's own error says it better. */
export function outcomeOf(run: Run): string | null {
  const { added, changed, deleted, seen, skipped } = run.counts;
  if (run.status === "failed") return null;
  if (run.status === "cancelled") return `The sync was cancelled after ${number(seen)} were read.`;
  const changes = [
    added && `${number(added)} new`,
    changed && `${number(changed)} changed`,
    deleted && `${number(deleted)} gone`,
    skipped && `${number(skipped)} that could not be read`,
  ].filter(Boolean);
  const ended = run.status === "partial" ? "The sync ended early" : "The sync has finished";
  return `${ended}: ${changes.length ? changes.join(", ") : "nothing new"}.`;
}
