/** What was entered in a field of text, without the space around it. */
export function textOf(entered: FormData, field: string): string {
  return String(entered.get(field) ?? "").trim();
}
