const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
const absolute = new Intl.DateTimeFormat("en", { dateStyle: "medium", timeStyle: "short" });
const day = new Intl.DateTimeFormat("en", { dateStyle: "medium" });
const whole = new Intl.NumberFormat("en");

/** Largest first; the last one takes what is left. */
const UNITS: readonly [Intl.RelativeTimeFormatUnit, number][] = [
  ["year", 31_536_000],
  ["month", 2_592_000],
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
];

/** "2 minutes ago"; what lies in the future because two clocks differ reads as "just now". */
export function timeAgo(time: string, now: number): string {
  const seconds = Math.floor((now - Date.parse(time)) / 1000);
  const unit = UNITS.find(([, length]) => seconds >= length);
  return unit ? relative.format(-Math.floor(seconds / unit[1]), unit[0]) : "just now";
}

export function dateAndTime(time: string): string {
  return absolute.format(new Date(time));
}

export function date(time: string): string {
  return day.format(new Date(time));
}

export function number(value: number): string {
  return whole.format(value);
}

/** "1,000 contacts" of the kind `contact`. */
export function countOf(kind: string, count: number): string {
  return `${number(count)} ${count === 1 ? kindName(kind) : pluralOf(kind)}`;
}

/** What there is of each kind, in the order of `kinds`, those that are not named there last. */
export function countsInWords(counts: Readonly<Record<string, number>>, kinds: readonly string[]): string[] {
  const unnamed = Object.keys(counts).filter((kind) => !kinds.includes(kind));
  return [...kinds, ...unnamed.sort()].flatMap((kind) => {
    const count = counts[kind];
    return count ? [countOf(kind, count)] : [];
  });
}

/** The kind `deal_stage` as people write it. */
export function kindName(kind: string): string {
  return kind.replaceAll("_", " ");
}

export function pluralOf(kind: string): string {
  const name = kindName(kind);
  if (/[^aeiou]y$/.test(name)) return `${name.slice(0, -1)}ies`;
  return /(?:s|x|ch|sh)$/.test(name) ? `${name}es` : `${name}s`;
}

/** What to call an item; not every one has a name. */
export function nameOf({ name }: { name: string }): string {
  return name.trim() || "Unnamed";
}

export function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
