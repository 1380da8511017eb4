import createClient from "openapi-fetch";

import type { ProfileChanges } from "../profile-changes";
import { API_BASE } from "./base";
import { answerOf } from "./problem";
import type { paths } from "./schema";
import { acrossTabs, Session, withSession } from "./session";
import type { SignInMethods, SignInPurpose } from "./types";

// Cookies of the API must reach it, and be kept, also where these pages come from another port.
const options = { baseUrl: API_BASE, credentials: "include" } as const;

/** The API for somebody who is not signed in. */
const anonymous = createClient<paths>(options);

export const session = new Session(() => acrossTabs(() => answerOf(anonymous.POST("/auth/refresh"))));

/** The API for the person who is signed in. */
export const api = createClient<paths>({ ...options, fetch: withSession(session, (request) => fetch(request)) });

/** The same for what replaces the cookie. The lock is around each try, because a renewal between two takes it too. */
const alone = createClient<paths>({
  ...options,
  fetch: withSession(session, (request) => acrossTabs(() => fetch(request))),
});

/** Raises ApiError. */
export async function logIn(email: string, password: string): Promise<void> {
  session.open(await acrossTabs(() => answerOf(anonymous.POST("/auth/token", { body: { email, password } }))));
}

/** Create an account. True: it can be used at once; false: its address must be verified first. Raises ApiError. */
export async function register(email: string, password: string, fullName: string): Promise<boolean> {
  const call = anonymous.POST("/auth/register", { body: { email, password, full_name: fullName || null } });
  const status = call.then((answer) => answer.response.status);
  await answerOf(call);
  return (await status) === 201;
}

/** Prove an address by the token of a mailed link and the password of that registration; logs in. Raises ApiError. */
export async function verifyEmail(token: string, password: string): Promise<void> {
  session.open(await acrossTabs(() => answerOf(anonymous.POST("/auth/verify-email", { body: { token, password } }))));
}

/** Raises ApiError; whether the address is waiting for its proof is not told. */
export async function resendVerification(email: string): Promise<void> {
  await answerOf(anonymous.POST("/auth/resend-verification", { body: { email } }));
}

/** Raises ApiError; whether the address has an account is not told. */
export async function requestPasswordReset(email: string): Promise<void> {
  await answerOf(anonymous.POST("/auth/forgot-password", { body: { email } }));
}

/** Set a new password by the token of a mailed link. Nobody is logged in by it. Raises ApiError. */
export async function resetPassword(token: string, newPassword: string): Promise<void> {
  await answerOf(anonymous.POST("/auth/reset-password", { body: { token, new_password: newPassword } }));
}

/** Every earlier session ends, and this page goes on with a new one. Raises ApiError. */
export async function changePassword(currentPassword: string, newPassword: string): Promise<void> {
  const body = { current_password: currentPassword, new_password: newPassword };
  session.open(await answerOf(alone.POST("/auth/change-password", { body })));
}

/** Change what the person tells about themselves; null empties a field. Raises ApiError. */
export async function changeProfile(changes: ProfileChanges): Promise<void> {
  session.update(await answerOf(api.PATCH("/auth/me", { body: changes })));
}

/** `comingBack`: only to log in once more. Raises ApiError, and then the person is still logged in. */
export async function logOut({ comingBack = false } = {}): Promise<void> {
  await acrossTabs(() => answerOf(anonymous.POST("/auth/logout")));
  session.close({ chosen: !comingBack });
}

/** End all sessions of the person, this one included. Raises ApiError, and then none has ended. */
export async function logOutEverywhere(): Promise<void> {
  await acrossTabs(() => answerOf(anonymous.POST("/auth/logout-all")));
  session.close({ chosen: true });
}

/** Raises ApiError. */
export async function signInMethods(): Promise<SignInMethods> {
  return answerOf(anonymous.GET("/auth/methods"));
}

/** Where to sign in at Google; it leads back to `next`. All but a login is for the person who is. Raises ApiError. */
export async function googleUrl(purpose: SignInPurpose, next: string): Promise<string> {
  const client = purpose === "login" ? anonymous : api;
  return (await answerOf(client.POST("/auth/google/url", { body: { purpose, next } }))).url;
}

/** Log in by what Google has sent the person back with; the page that they wanted. Raises ApiError. */
export async function finishGoogle(code: string, state: string): Promise<string | null> {
  const call = () => answerOf(anonymous.POST("/auth/google/callback", { body: { code, state } }));
  const { next, ...token } = await acrossTabs(call);
  session.open(token);
  return next;
}

/** Every earlier session ends, and this page goes on with a new one. Raises ApiError. */
export async function unlinkGoogle(): Promise<void> {
  session.open(await answerOf(alone.DELETE("/auth/google/link")));
}

/** Null in place of the password: the person has just signed in at Google. Raises ApiError. */
export async function deleteAccount(currentPassword: string | null): Promise<void> {
  const body = currentPassword === null ? null : { current_password: currentPassword };
  await answerOf(alone.DELETE("/auth/me", { body }));
  session.close({ chosen: true, note: "account_deleted" });
}
