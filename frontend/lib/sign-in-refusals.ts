import type { ApiError } from "./api/problem";
import { messageOfError } from "./messages";

export interface SignInRefusal {
  title: string;
  message: string;
}

const FAILED = "Signing in did not work";

const REFUSALS: Readonly<Record<string, SignInRefusal>> = {
  access_denied: { title: "You did not sign in", message: "Nothing has changed. You can try again whenever you like." },
  link_required: {
    title: "This address has an account",
    message:
      "There is already an account with the e-mail address that Google knows. Log in with your password, " +
      "then link Google under Settings.",
  },
  reauthentication_required: {
    title: "Log in once more",
    message: "This takes a login of the last five minutes. Log in again, then repeat it.",
  },
  email_unverified: {
    title: FAILED,
    message: "Google has not confirmed the e-mail address of this account. Confirm it there, or register with a password.",
  },
  identity_taken: { title: "Not linked", message: "This Google account is linked to another account here." },
  login_failed: { title: FAILED, message: "This account cannot be used." },
  authorization_unknown: { title: FAILED, message: "This attempt has expired or was already used. Try again." },
  wrong_browser: { title: FAILED, message: "It was started in another browser, or too long ago. Try again." },
  wrong_user: {
    title: FAILED,
    message: "This is not the person who started it. Try again with the Google account that is linked here.",
  },
  session_ended: { title: FAILED, message: "You were logged out meanwhile. Log in, then try again." },
};

/** What the page says to which Google leads back. */
export function signInRefusal(error: ApiError): SignInRefusal {
  const words = Object.hasOwn(REFUSALS, error.code) ? REFUSALS[error.code] : undefined;
  return words ?? { title: FAILED, message: messageOfError(error) };
}
