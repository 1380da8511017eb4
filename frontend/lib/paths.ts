/** Addresses of our pages, below the base path. The only place that knows how they are built. */

type Query = Record<string, string | null | undefined>;

export interface ItemFilter {
  /** Its slug. */
  provider?: string | null;
  connection?: string | null;
  kind?: string | null;
}

/** What the login page tells a person who was led there. */
export type LoginNote = "password_changed" | "account_deleted";

export const paths = {
  home: () => "/",
  login: (next?: string, note?: LoginNote) => withQuery("/login/", { next: worthKeeping(next), note }),
  register: (next?: string) => withQuery("/register/", { next: worthKeeping(next) }),
  forgotPassword: () => "/forgot-password/",
  resetPassword: () => "/reset-password/",
  verifyEmail: () => "/verify-email/",
  googleCallback: () => "/google-callback/",
  integrations: () => "/integrations/",
  items: (filter: ItemFilter = {}) => withQuery("/items/", { ...filter }),
  /** One item, with all that is known of it. */
  item: (id: string) => withQuery("/items/", { item: id }),
  profile: () => "/settings/profile/",
  security: () => "/settings/security/",
  /** With the question already asked. */
  deleteAccount: () => "/settings/security/?delete=1",
};

/** Whether a page is the same for everybody: it does not ask by itself whether somebody is logged in. */
export function isForEverybody(pathname: string): boolean {
  return [paths.forgotPassword(), paths.resetPassword(), paths.verifyEmail(), paths.googleCallback()].includes(pathname);
}

/** The page that a person wanted before logging in, or the first one. Anything but a path of ours is ignored. */
export function pageAfterLogin(next: string | null): string {
  return next && /^\/(?:integrations|items|settings\/(?:profile|security))\/(?:\?|$)/.test(next) ? next : paths.integrations();
}

function worthKeeping(next: string | undefined): string | undefined {
  return next === paths.integrations() ? undefined : next;
}

function withQuery(path: string, query: Query): string {
  const given = Object.entries(query).filter((entry): entry is [string, string] => Boolean(entry[1]));
  return given.length ? `${path}?${new URLSearchParams(given)}` : path;
}
