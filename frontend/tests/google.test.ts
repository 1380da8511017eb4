import { expect, test, vi } from "vitest";

import { ApiError } from "@/lib/api/problem";
import { takeCallbackAnswer } from "@/lib/callback-answer";
import { isForEverybody, pageAfterLogin, paths } from "@/lib/paths";
import { eventText } from "@/lib/security-events";
import { signInRefusal } from "@/lib/sign-in-refusals";

function windowAt(query: string) {
  const replaceState = vi.fn();
  const history = { state: { kept: true }, replaceState } as unknown as History;
  const location = new URL(`http://localhost/app/google-callback/${query}`) as unknown as Location;
  return { opened: { location, history }, replaceState };
}

test("code and state are taken out of the address", () => {
  const { opened, replaceState } = windowAt("?code=4%2F0A&state=s-1&scope=openid&authuser=0");
  expect(takeCallbackAnswer(opened)).toEqual({ kind: "code", code: "4/0A", state: "s-1" });
  expect(replaceState).toHaveBeenCalledExactlyOnceWith({ kept: true }, "", "/app/google-callback/");
});

test("a refusal is taken out of the address too, and no code counts beside it", () => {
  const { opened, replaceState } = windowAt("?error=access_denied&state=s-1&code=c");
  expect(takeCallbackAnswer(opened)).toEqual({ kind: "refused", error: "access_denied" });
  expect(replaceState).toHaveBeenCalledOnce();
});

test.each(["", "?code=c", "?state=s", "?code=&state=s"])("the address %j has nothing to finish", (query) => {
  expect(takeCallbackAnswer(windowAt(query).opened)).toEqual({ kind: "nothing" });
});

test.each([
  "access_denied",
  "link_required",
  "email_unverified",
  "identity_taken",
  "identity_refused",
  "identity_provider_unavailable",
  "authorization_unknown",
  "wrong_browser",
  "wrong_user",
  "session_ended",
  "login_failed",
  "reauthentication_required",
])("%s is told in words that speak of signing in", (code) => {
  const { title, message } = signInRefusal(new ApiError(code, 400));
  expect(title).not.toBe("");
  expect(message).not.toMatch(new RegExp(`${code}|connect|Something went wrong`));
});

test.each(["constructor", "__proto__"])("a refusal that is called %j is one that is new to the page", (code) => {
  expect(signInRefusal(new ApiError(code, 400, "In the server's words.")).title).toBe("Signing in did not work");
});

test.each(["identity_link", "identity_unlink", "reauthentication", "account_delete", "connection_broken"])(
  "%s has words of its own",
  (action) => {
    expect(eventText(action, "success").toLowerCase()).not.toBe(action.replaceAll("_", " "));
  },
);

test("the page that asks whether to delete the account is come back to", () => {
  expect(pageAfterLogin(paths.deleteAccount())).toBe(paths.deleteAccount());
});

test("the page that Google leads back to does not renew a session beside finishing the sign-in", () => {
  expect(isForEverybody(paths.googleCallback())).toBe(true);
});
