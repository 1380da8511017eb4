import { expect, test, vi } from "vitest";

import { ApiError } from "@/lib/api/problem";
import { Session, withSession } from "@/lib/api/session";
import type { Token, User } from "@/lib/api/types";

const ADDRESS = "http://api.test/items";
const USER = { id: "1", email: "ada@example.com" } as User;

function tokens(): () => Promise<Token> {
  let made = 0;
  return async () => {
    made += 1;
    return { access_token: `token-${made}`, token_type: "bearer", expires_in: 900, user: USER };
  };
}

const refused = (status: number) => async () => {
  throw new ApiError("refused", status);
};

/** An API that accepts these tokens only, and remembers what it was asked. */
function anApi(...accepted: string[]) {
  const asked: string[] = [];
  const send = async (input: string | URL | Request) => {
    const request = input as Request;
    asked.push(`${request.headers.get("Authorization")} ${await request.text()}`.trim());
    const known = accepted.some((token) => request.headers.get("Authorization") === `Bearer ${token}`);
    return new Response(null, { status: known ? 200 : 401 });
  };
  return { asked, send };
}

test("calls made at once share one renewal", async () => {
  const fetchToken = vi.fn(tokens());
  const session = new Session(fetchToken);
  expect(await Promise.all([session.bearer(), session.bearer(), session.bearerAfter(null)])).toEqual([
    "token-1",
    "token-1",
    "token-1",
  ]);
  expect(fetchToken).toHaveBeenCalledTimes(1);
});

test("a token is renewed before it expires", async () => {
  let now = 0;
  const session = new Session(tokens(), () => now);
  await session.restore();
  now = 800_000;
  expect(await session.bearer()).toBe("token-1");
  now = 811_000;
  expect(await session.bearer()).toBe("token-2");
});

test("a refused call is tried once more with a new token, its body included", async () => {
  const session = new Session(tokens());
  await session.restore();
  const { asked, send } = anApi("token-2");
  const answer = await withSession(session, send)(new Request(ADDRESS, { method: "POST", body: "sent" }));
  expect(answer.status).toBe(200);
  expect(asked).toEqual(["Bearer token-1 sent", "Bearer token-2 sent"]);
});

test("a call that is refused again is not tried a third time", async () => {
  const session = new Session(tokens());
  await session.restore();
  const { asked, send } = anApi();
  expect((await withSession(session, send)(new Request(ADDRESS))).status).toBe(401);
  expect(asked).toHaveLength(2);
});

test("calls refused at once share one renewal", async () => {
  const fetchToken = vi.fn(tokens());
  const session = new Session(fetchToken);
  await session.restore();
  const { send } = anApi("token-2");
  const call = withSession(session, send);
  const answers = await Promise.all([
    call(new Request(ADDRESS)),
    call(new Request(ADDRESS)),
    call(new Request(ADDRESS)),
  ]);
  expect(answers.map((answer) => answer.status)).toEqual([200, 200, 200]);
  expect(fetchToken).toHaveBeenCalledTimes(2);
});

test("a refused renewal signs out", async () => {
  const session = new Session(refused(401));
  await session.restore();
  expect(session.state()).toEqual({ status: "signed-out", chosen: false });
  expect(await session.bearer()).toBeNull();
});

test("a server that is away signs nobody out", async () => {
  const session = new Session(refused(503));
  await session.restore();
  expect(session.state().status).toBe("unavailable");
});

test("a renewal lost to another tab is tried again", async () => {
  vi.useFakeTimers();
  const fetchToken = vi.fn(tokens()).mockImplementationOnce(refused(409));
  const session = new Session(fetchToken);
  const restored = session.restore();
  await vi.runAllTimersAsync();
  await restored;
  vi.useRealTimers();
  expect(session.state().status).toBe("signed-in");
});

test("a renewal that ends after logging out does not bring the session back", async () => {
  let answer: (token: Token) => void = () => undefined;
  const session = new Session(() => new Promise((resolve) => (answer = resolve)));
  const renewal = session.bearer();
  session.close({ chosen: true });
  answer(await tokens()());
  expect(await renewal).toBeNull();
  expect(session.state()).toEqual({ status: "signed-out", chosen: true });
});

test("a renewal that is refused after logging out changes nothing", async () => {
  let refuse: (error: ApiError) => void = () => undefined;
  const session = new Session(() => new Promise((_, reject) => (refuse = reject)));
  const renewal = session.bearer();
  session.close({ chosen: true, note: "account_deleted" });
  refuse(new ApiError("refused", 401));
  expect(await renewal).toBeNull();
  expect(session.state()).toEqual({ status: "signed-out", chosen: true, note: "account_deleted" });
});

test("a call that is refused after logging out renews nothing", async () => {
  const fetchToken = vi.fn(tokens());
  const session = new Session(fetchToken);
  await session.restore();
  const { send } = anApi();
  const call = withSession(session, async (request) => {
    session.close({ chosen: true });
    return send(request);
  });
  expect((await call(new Request(ADDRESS))).status).toBe(401);
  expect(fetchToken).toHaveBeenCalledTimes(1);
  expect(session.state()).toEqual({ status: "signed-out", chosen: true });
});

test("a changed profile is taken over for the person who is signed in, and for nobody else", async () => {
  const session = new Session(tokens());
  session.update(USER);
  expect(session.state()).toEqual({ status: "restoring" });
  await session.restore();
  session.update({ ...USER, email: "new@example.com" });
  expect(session.state()).toEqual({ status: "signed-in", user: { ...USER, email: "new@example.com" } });
  session.update({ ...USER, id: "2" });
  expect(session.state()).toMatchObject({ user: { id: "1" } });
});
