import { ApiError, asApiError } from "./problem";
import type { LoginNote } from "../paths";
import type { Token, User } from "./types";

export type SessionState =
  | { status: "restoring" }
  | { status: "signed-in"; user: User }
  /** `chosen`: by logging out here, not because the session ended by itself; `note`: what to say about it. */
  | { status: "signed-out"; chosen: boolean; note?: LoginNote }
  | { status: "unavailable"; error: ApiError };

/** Share of the lifetime of an access token after which a new one is fetched before the next call. */
const RENEW_AFTER = 0.9;
const TRIES_AFTER_CONFLICT = 3;

/**
 * Who is signed in on this page. The access token lives here and nowhere else: not in storage, not in the address.
 * What outlives a reload is the HttpOnly refresh cookie, which no script can read.
 */
export class Session {
  #state: SessionState = { status: "restoring" };
  #token: { value: string; renewAt: number } | null = null;
  #renewal: Promise<string | null> | null = null;
  #closings = 0;
  readonly #listeners = new Set<() => void>();

  /** `fetchToken` trades the refresh cookie for a token; raises ApiError. */
  constructor(
    private readonly fetchToken: () => Promise<Token>,
    private readonly now: () => number = Date.now,
  ) {}

  readonly state = (): SessionState => this.#state;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  open(token: Token): void {
    const lifetime = token.expires_in * 1000;
    this.#token = { value: token.access_token, renewAt: this.now() + lifetime * RENEW_AFTER };
    this.#become({ status: "signed-in", user: token.user });
  }

  /** The person who is signed in has changed what they tell about themselves. */
  update(user: User): void {
    if (this.#state.status === "signed-in" && this.#state.user.id === user.id) {
      this.#become({ status: "signed-in", user });
    }
  }

  close({ chosen, note }: { chosen: boolean; note?: LoginNote }): void {
    this.#closings += 1;
    this.#token = null;
    this.#become({ status: "signed-out", chosen, note });
  }

  /** Find out, after a page load, whether the browser still holds a session. */
  async restore(): Promise<void> {
    try {
      await this.#renew();
    } catch (error) {
      this.#become({ status: "unavailable", error: asApiError(error) });
    }
  }

  /** The access token for the next call, or null when nobody is signed in. Raises ApiError when a renewal fails. */
  async bearer(): Promise<string | null> {
    if (this.#token && this.now() < this.#token.renewAt) return this.#token.value;
    return this.#state.status === "signed-out" ? null : this.#renew();
  }

  /** Another token than `refused`, or null when the session is over. Raises ApiError. */
  async bearerAfter(refused: string | null): Promise<string | null> {
    if (this.#token && this.#token.value !== refused) return this.#token.value;
    // A call that was still out when the person left does not ask for them again.
    return this.#state.status === "signed-out" ? null : this.#renew();
  }

  #renew(): Promise<string | null> {
    // One renewal at a time: a refresh token that is used twice ends the session.
    this.#renewal ??= this.#fetch().finally(() => (this.#renewal = null));
    return this.#renewal;
  }

  async #fetch(): Promise<string | null> {
    const closings = this.#closings;
    try {
      const token = await this.#fetchUnlessConflict();
      // Logged out while the answer was on its way: the token must not bring the session back.
      if (closings !== this.#closings) return null;
      this.open(token);
      return token.access_token;
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 401) throw error;
      if (closings === this.#closings) this.close({ chosen: false });
      return null;
    }
  }

  async #fetchUnlessConflict(): Promise<Token> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.fetchToken();
      } catch (error) {
        // 409: another tab was first and its new cookie is about to arrive.
        if (!(error instanceof ApiError) || error.status !== 409 || attempt === TRIES_AFTER_CONFLICT) throw error;
        await new Promise((resolve) => setTimeout(resolve, 200 * attempt));
      }
    }
  }

  #become(state: SessionState): void {
    this.#state = state;
    for (const listener of this.#listeners) listener();
  }
}

/** Run `work` while no other tab of this origin runs it. Browsers offer locks on secure origins and loopback only. */
export async function acrossTabs<T>(work: () => Promise<T>): Promise<T> {
  return navigator.locks ? await navigator.locks.request("vectorshift-session", work) : work();
}

/** A `fetch` that carries the session's token and, when that is refused, tries once more with a new one. */
export function withSession(session: Session, send: typeof fetch): (request: Request) => Promise<Response> {
  return async (request) => {
    const again = request.clone();
    const token = await session.bearer();
    const response = await send(bearing(request, token));
    if (response.status !== 401) return response;
    const renewed = await session.bearerAfter(token);
    return renewed ? send(bearing(again, renewed)) : response;
  };
}

function bearing(request: Request, token: string | null): Request {
  if (token) request.headers.set("Authorization", `Bearer ${token}`);
  return request;
}
