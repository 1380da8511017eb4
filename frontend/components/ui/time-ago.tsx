import { dateAndTime, timeAgo } from "@/lib/format";
import { useNow } from "@/lib/use-now";

export function TimeAgo({ time }: { time: string }) {
  const now = useNow();
  return (
    <time dateTime={time} title={dateAndTime(time)}>
      {timeAgo(time, now)}
    </time>
  );
}
