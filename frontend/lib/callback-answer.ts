/** What a person comes back with from signing in at Google (OpenID Connect Core 1.0 section 3.1.2.5). */
export type CallbackAnswer =
  | { kind: "code"; code: string; state: string }
  /** `error`: the provider's word for it. */
  | { kind: "refused"; error: string }
  /** Somebody has opened the page by its address. */
  | { kind: "nothing" };

/** Read it and take it out of the address bar and the history of the tab, so that it is in memory only. */
export function takeCallbackAnswer({ location, history }: Pick<Window, "location" | "history">): CallbackAnswer {
  const query = new URLSearchParams(location.search);
  if (location.search || location.hash) history.replaceState(history.state, "", location.pathname);
  const [code, state, error] = [query.get("code"), query.get("state"), query.get("error")];
  if (error) return { kind: "refused", error };
  return code && state ? { kind: "code", code, state } : { kind: "nothing" };
}
