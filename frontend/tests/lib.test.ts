import { expect, test } from "vitest";

import { answerOf, ApiError } from "@/lib/api/problem";
import type { Connection, Run } from "@/lib/api/types";
import { countOf, pluralOf, timeAgo } from "@/lib/format";
import { messageOf, messageOfError } from "@/lib/messages";
import { hasSettled, newConnection } from "@/lib/new-connection";
import { pageAfterLogin, paths } from "@/lib/paths";
import { webUrl } from "@/lib/web-url";

test("paths carry only what is given", () => {
  expect(paths.items()).toBe("/items/");
  expect(paths.items({ connection: "a b", kind: null })).toBe("/items/?connection=a+b");
  expect(paths.login(paths.integrations())).toBe("/login/");
});

test("the login page leads back to where it was called from", () => {
  const wanted = paths.items({ connection: "1", kind: "contact" });
  const { searchParams } = new URL(paths.login(wanted), "http://localhost");
  expect(pageAfterLogin(searchParams.get("next"))).toBe(wanted);
});

test.each([
  "https://evil.test/",
  "//evil.test/items/",
  "/items/../../evil",
  "/\\evil.test",
  "javascript:alert(1)",
  "/items/x",
  "",
])("the login page does not lead to %j", (next) => {
  expect(pageAfterLogin(next)).toBe(paths.integrations());
});

test("an unknown code is told in the server's words", () => {
  expect(messageOf("brand_new", "The moon is in the way.")).toBe("The moon is in the way.");
  expect(messageOf("brand_new")).toContain("brand_new");
});

test("a limit says how long to wait", () => {
  expect(messageOfError(new ApiError("rate_limited", 429, "", {}, 30))).toBe(
    "Too many attempts. Try again in 30 seconds.",
  );
});

test("a problem becomes an error with its code and the messages of its fields", async () => {
  const error = {
    code: "invalid_input",
    detail: "no",
    errors: [{ field: "email", message: "Not an address." }, "noise"],
  };
  const response = new Response(null, { status: 400 });
  await expect(answerOf(Promise.resolve({ error, response }))).rejects.toMatchObject({
    code: "invalid_input",
    status: 400,
    fields: { email: "Not an address." },
  });
});

test.each([undefined, "", "<html>", null])(
  "an answer that is no problem document (%j) is an error all the same",
  async (error) => {
    const response = new Response(null, { status: 502 });
    await expect(answerOf(Promise.resolve({ error, response }))).rejects.toMatchObject({
      code: "unexpected",
      status: 502,
    });
  },
);

test("no answer at all is an error of its own", async () => {
  await expect(answerOf(Promise.reject(new TypeError("Failed to fetch")))).rejects.toMatchObject({
    code: "unreachable",
    status: 0,
  });
});

test.each(["javascript:alert(1)", "data:text/html,x", "//evil.test", "acme", "", null])(
  "%j is not led to",
  (address) => {
    expect(webUrl(address)).toBeNull();
  },
);

test("an address of the web is led to", () => {
  expect(webUrl("https://app.acme.test/contact/1")).toBe("https://app.acme.test/contact/1");
});

test("times are told from now", () => {
  const now = Date.parse("2026-01-01T12:00:00Z");
  expect(timeAgo("2026-01-01T11:58:00Z", now)).toBe("2 minutes ago");
  expect(timeAgo("2025-12-31T11:00:00Z", now)).toBe("yesterday");
  expect(timeAgo("2026-01-01T11:59:30Z", now)).toBe("just now");
  expect(timeAgo("2026-01-01T12:00:09Z", now)).toBe("just now");
});

test("kinds are counted as people count", () => {
  expect(countOf("contact", 1)).toBe("1 contact");
  expect(countOf("contact", 1000)).toBe("1,000 contacts");
  expect(["company", "day", "deal_stage", "address"].map(pluralOf)).toEqual([
    "companies",
    "days",
    "deal stages",
    "addresses",
  ]);
});

const connection = (id: string, connected_at: string, status: Connection["status"] = "active") =>
  ({ id, connected_at, status }) as Connection;

test("consent is seen in a connection that was not there, or was renewed", () => {
  const before = [connection("1", "t1"), connection("2", "t1", "disconnected")];
  expect(newConnection(before, before)).toBeNull();
  expect(newConnection(before, [connection("3", "t2"), ...before])?.id).toBe("3");
  expect(newConnection(before, [connection("1", "t2"), before[1]!])?.id).toBe("1");
});

test("consent has settled when the sync that follows it is asked for", () => {
  const [at, before, after] = ["2026-01-10T10:00:00.5Z", "2026-01-10T10:00:00Z", "2026-01-10T10:00:00.6Z"];
  const seen = (status: Connection["status"], run: Partial<Run> | null) =>
    hasSettled({ ...connection("1", at, status), run } as Connection);
  expect(seen("active", null)).toBe(false);
  expect(seen("active", { status: "succeeded", requested_at: before })).toBe(false);
  expect(seen("needs_reauth", { status: "running", requested_at: before })).toBe(false);
  expect(seen("syncing", { status: "running", requested_at: before })).toBe(true);
  expect(seen("syncing", { status: "queued", requested_at: after })).toBe(true);
  expect(seen("active", { status: "succeeded", requested_at: at })).toBe(true);
  expect(seen("needs_reauth", { status: "failed", requested_at: after })).toBe(true);
});

test("a sync or the end of another connection is not consent", () => {
  const before = [connection("1", "t1"), connection("2", "t1")];
  expect(newConnection(before, [connection("1", "t1", "syncing"), connection("2", "t2", "disconnected")])).toBeNull();
});
