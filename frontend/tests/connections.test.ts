import { expect, test } from "vitest";

import type { Connection } from "@/lib/api/types";
import { stepsOf } from "@/lib/steps";

type LastError = NonNullable<Connection["last_error"]>;

const error = (action: string) => ({ action }) as LastError;

test("an account that is well can be synced", () => {
  expect(stepsOf({ status: "active", last_error: null })).toEqual({ advised: null, others: ["sync"] });
});

test.each(["needs_reauth", "error", "active"])("who is told to reconnect has one button for it (%s)", (status) => {
  const { advised, others } = stepsOf({ status, last_error: error("reconnect") });
  expect(advised).toBe("reconnect");
  expect(others).not.toContain("reconnect");
});

test("who is told to sync again has one button for it", () => {
  expect(stepsOf({ status: "error", last_error: error("sync_again") })).toEqual({ advised: "sync", others: [] });
});

test.each(["wait", "contact_admin", "something_new"])("no button stands beside the words for %s", (action) => {
  expect(stepsOf({ status: "error", last_error: error(action) }).advised).toBeNull();
});

test("what the provider would refuse anyway is not offered", () => {
  expect(stepsOf({ status: "needs_reauth", last_error: null })).toEqual({ advised: null, others: ["reconnect"] });
  expect(stepsOf({ status: "disconnected", last_error: error("sync_again") })).toEqual({
    advised: null,
    others: ["reconnect"],
  });
});
