/**
 * The token of a mailed link, which stands behind the `#` of the address; null where there is none. It leaves the
 * address bar and the history of the tab first of all, so that it is in memory only.
 */
export function takeMailedToken({ location, history }: Pick<Window, "location" | "history">): string | null {
  if (!location.hash) return null;
  const token = new URLSearchParams(location.hash.slice(1)).get("token");
  history.replaceState(history.state, "", location.pathname + location.search);
  return token || null;
}
