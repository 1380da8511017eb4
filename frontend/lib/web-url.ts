/** The address, if a person may be led there. An item's `url` is what a provider said, `javascript:` included. */
export function webUrl(address: string | null | undefined): string | null {
  if (!address || !URL.canParse(address)) return null;
  return ["http:", "https:"].includes(new URL(address).protocol) ? address : null;
}
