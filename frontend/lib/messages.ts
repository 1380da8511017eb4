/** What a refusal means, in words for the person who meets it. */
import type { ApiError } from "./api/problem";

const MESSAGES: Readonly<Record<string, string>> = {
  unreachable: "The server cannot be reached. Check that it is running, then try again.",
  unexpected: "Something went wrong. Try again in a moment.",
  invalid_input: "Some of what you entered cannot be used.",
  password_common: "This password is too easy to guess.",
  wrong_password: "The password is wrong.",
  link_invalid: "This link cannot be used any more: it was used, has expired, or a newer one was sent.",
  login_failed: "The e-mail address or the password is wrong.",
  email_taken: "There is already an account with this e-mail address. Log in instead.",
  not_authenticated: "You are no longer logged in.",
  session_ended: "Your session has ended. Log in, then try again.",
  cross_origin: "The server does not accept calls from the address at which you opened this page.",
  rate_limited: "Too many attempts.",
  not_found: "This does not exist any more.",
  cursor_invalid: "This page of the list is no longer valid. Start again from the first page.",
  query_not_supported: "This combination of filters is not supported.",
  provider_not_configured: "This integration is not set up on the server.",
  not_connected: "No account is connected.",
  connection_ambiguous: "Several accounts are connected there. Choose one of them.",
  needs_reauth: "The account must be connected again.",
  client_refused: "The provider does not accept this server. Its administrator must check the client id and secret.",
  provider_unavailable: "The provider does not answer at the moment. Try again later.",
  provider_throttled: "The provider asks us to slow down. Try again in a moment.",
  unavailable: "The server is not available at the moment. Try again in a moment.",
  storage_unavailable: "The server cannot reach its storage at the moment. Try again in a moment.",
  cache_unavailable: "The server cannot do this at the moment. Try again in a moment.",
  overloaded: "The server is busy. Try again in a moment.",
  authorization_expired: "The connection was not finished in time. Try again.",
  authorization_refused: "The connection was refused. Try again.",
  authorization_unknown: "This attempt to connect has expired or was already used. Try again.",
  wrong_browser: "The connection was finished in another browser than the one that started it. Try again.",
  wrong_user: "Another person was logged in when the connection was finished. Try again.",
  consent_denied: "Access was declined at the provider. Nothing was connected.",
  identity_provider_unavailable: "Google does not answer at the moment. Try again later.",
  identity_refused: "What Google says of you cannot be used. Try again.",
  identity_taken: "This Google account is linked to another account here.",
  email_unverified: "Google has not confirmed the e-mail address of this account.",
  link_required: "There is already an account with this e-mail address. Log in with its password, then link Google.",
  last_sign_in_method: "This is your only way to sign in. Set a password first.",
  reauthentication_required: "This takes a login of the last five minutes. Log in again, then repeat it.",
  grant_refused: "The provider did not complete the connection. Try again.",
};

/** One or two sentences for a stable code; the server's own words where the code is new to this page. */
export function messageOf(code: string, detail = ""): string {
  return MESSAGES[code] ?? (detail || `Something went wrong (${code}).`);
}

export function messageOfError(error: ApiError): string {
  const message = messageOf(error.code, error.detail);
  return error.retryAfter && error.status === 429
    ? `${message} Try again in ${waitingTime(error.retryAfter)}.`
    : message;
}

/** The same for what starts or ends a way to sign in. */
export function messageOfSignIn(error: ApiError): string {
  return error.code === "provider_not_configured"
    ? "Signing in with Google is not set up on the server."
    : messageOfError(error);
}

/** The same for a form, with what is wrong in fields that it does not show. */
export function messageOfForm(error: ApiError, shown: readonly string[]): string {
  const hidden = Object.entries(error.fields).filter(([field]) => !shown.includes(field));
  return [messageOfError(error), ...hidden.map(([, message]) => message)].join(" ");
}

function waitingTime(seconds: number): string {
  if (seconds < 90) return `${seconds} ${seconds === 1 ? "second" : "seconds"}`;
  if (seconds < 90 * 60) return `${Math.ceil(seconds / 60)} minutes`;
  return `${Math.ceil(seconds / 3600)} hours`;
}
