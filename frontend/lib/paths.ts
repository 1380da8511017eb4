/** Addresses of our pages, below the base path. The only place that knows how they are built. */

type Query = Record<string, string | null | undefined>;

export interface ItemFilter {
  connection?: string | null;
  kind?: string | null;
}

export const paths = {
  home: () => "/",
  login: (next?: string) => withQuery("/login/", { next: worthKeeping(next) }),
  register: (next?: string) => withQuery("/register/", { next: worthKeeping(next) }),
  integrations: () => "/integrations/",
  items: ({ connection, kind }: ItemFilter = {}) => withQuery("/items/", { connection, kind }),
};

/** The page that a person wanted before logging in, or the first one. Anything but a path of ours is ignored. */
export function pageAfterLogin(next: string | null): string {
  return next && /^\/(?:integrations|items)\/(?:\?|$)/.test(next) ? next : paths.integrations();
}

function worthKeeping(next: string | undefined): string | undefined {
  return next === paths.integrations() ? undefined : next;
}

function withQuery(path: string, query: Query): string {
  const given = Object.entries(query).filter((entry): entry is [string, string] => Boolean(entry[1]));
  return given.length ? `${path}?${new URLSearchParams(given)}` : path;
}
