import type { BadgeTone } from "@/components/ui/badge";

interface StatusBadge {
  tone: BadgeTone;
  text: string;
}

const BADGES: Readonly<Record<string, StatusBadge>> = {
  active: { tone: "success", text: "Connected" },
  syncing: { tone: "info", text: "Syncing" },
  needs_reauth: { tone: "warning", text: "Needs reconnecting" },
  error: { tone: "danger", text: "Sync failed" },
  disconnected: { tone: "neutral", text: "Disconnected" },
};

export function statusBadge(status: string): StatusBadge {
  return BADGES[status] ?? { tone: "neutral", text: status };
}
