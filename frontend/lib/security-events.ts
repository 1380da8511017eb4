import { capitalised, kindName } from "./format";

interface EventWords {
  success: string;
  failure?: string;
}

const EVENTS: Readonly<Record<string, EventWords>> = {
  register: { success: "Account created" },
  verify_email: { success: "E-mail address confirmed", failure: "E-mail address not confirmed" },
  login: { success: "Logged in", failure: "Login refused" },
  login_throttled: { success: "Login delayed", failure: "Login delayed after too many wrong passwords" },
  refresh_reuse: { success: "Session ended", failure: "Session ended: its key was used by two browsers" },
  logout: { success: "Logged out" },
  logout_all: { success: "Logged out everywhere" },
  session_revoked: { success: "Device logged out" },
  password_change: { success: "Password changed", failure: "Password not changed" },
  password_reset_request: { success: "Link for a new password sent" },
  password_reset: { success: "New password set by a mailed link", failure: "Mailed link for a new password refused" },
  identity_link: { success: "Google account linked", failure: "Google account not linked" },
  identity_unlink: { success: "Google account unlinked" },
  reauthentication: { success: "Signed in once more", failure: "Signing in once more refused" },
  account_delete: { success: "Account deleted", failure: "Account not deleted" },
  connect: { success: "Account of a provider connected", failure: "Account of a provider not connected" },
  disconnect: { success: "Account of a provider disconnected" },
  connection_broken: {
    success: "Account of a provider must be connected again",
    failure: "Account of a provider must be connected again",
  },
};

/** What happened, in words; an action that is new to this page by its own name. */
export function eventText(action: string, outcome: string): string {
  const words = Object.hasOwn(EVENTS, action) ? EVENTS[action] : undefined;
  if (outcome === "success") return words?.success ?? capitalised(kindName(action));
  return words?.failure ?? `${capitalised(kindName(action))}: refused`;
}
