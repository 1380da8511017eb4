import createClient from "openapi-fetch";

import { API_BASE } from "./base";
import { answerOf } from "./problem";
import type { paths } from "./schema";
import { acrossTabs, Session, withSession } from "./session";

// Cookies of the API must reach it, and be kept, also where these pages come from another port.
const options = { baseUrl: API_BASE, credentials: "include" } as const;

/** The API for somebody who is not signed in. */
const anonymous = createClient<paths>(options);

export const session = new Session(() => acrossTabs(() => answerOf(anonymous.POST("/auth/refresh"))));

/** The API for the person who is signed in. */
export const api = createClient<paths>({ ...options, fetch: withSession(session, (request) => fetch(request)) });

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

/** Raises ApiError, and then the person is still logged in. */
export async function logOut(): Promise<void> {
  await acrossTabs(() => answerOf(anonymous.POST("/auth/logout")));
  session.close({ chosen: true });
}
