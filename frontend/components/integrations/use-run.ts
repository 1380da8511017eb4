"use client";

import { useState } from "react";

import { api } from "@/lib/api/client";
import { answerOf } from "@/lib/api/problem";
import type { Connection, Run } from "@/lib/api/types";
import { isEnded } from "@/lib/runs";
import { usePolling } from "@/lib/use-polling";

/**
 * The newest run of a connection, followed to its end. `onEnd` fetches the connection anew once it has ended.
 * `witnessed`: the run was under way while this page was looking.
 */
export function useRun(connection: Connection, onEnd: () => Promise<unknown>) {
  const [followed, setFollowed] = useState<Run | null>(null);
  const run = newest(followed, connection.run);
  const running = run !== null && !isEnded(run);

  /** Take what the API said of a run. Raises ApiError. */
  async function follow(told: Run) {
    // The connection first: words about the end stand beside the new counts, never beside the old ones.
    if (isEnded(told)) await onEnd();
    // Answers may overtake each other.
    setFollowed((last) => (last ? fresher(last, told) : told));
  }

  usePolling(async () => {
    if (run) await follow(await answerOf(api.GET("/runs/{run_id}", { params: { path: { run_id: run.id } } })));
  }, running);

  return { run, running, witnessed: run !== null && run.id === followed?.id, follow };
}

/** `followed` is the fresher account of the same run; the list knows of runs that others have started since. */
function newest(followed: Run | null, listed: Run | null): Run | null {
  if (!followed || !listed) return followed ?? listed;
  return Date.parse(listed.requested_at) > Date.parse(followed.requested_at) ? listed : followed;
}

function fresher(last: Run, told: Run): Run {
  const isOlder = last.id === told.id ? isEnded(last) : Date.parse(last.requested_at) > Date.parse(told.requested_at);
  return isOlder ? last : told;
}
