import { useEffect, useEffectEvent } from "react";

const SLOWEST_MS = 8_000;

/** Call `poll` while `active`, each time `interval` ms after the last answer, and more slowly while it fails. */
export function usePolling(poll: () => Promise<void>, active: boolean, interval = 1_000): void {
  const tick = useEffectEvent(poll);
  useEffect(() => {
    if (!active) return;
    let timer: ReturnType<typeof setTimeout>;
    let stopped = false;
    function schedule(delay: number) {
      timer = setTimeout(async () => {
        const next = await tick().then(
          () => interval,
          () => Math.min(delay * 2, SLOWEST_MS),
        );
        if (!stopped) schedule(next);
      }, delay);
    }
    schedule(interval);
    return () => {
      stopped = true;
      clearTimeout(timer);
    };
  }, [active, interval]);
}
