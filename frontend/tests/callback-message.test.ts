import { expect, test } from "vitest";

import { callbackOutcome } from "@/lib/callback-message";

const EXPECTED = { origin: "http://localhost:8000", provider: "acme", flowId: "flow-1" };
const DATA = { type: "acme-oauth-callback", flow_id: "flow-1", success: true };

test("the message of this flow from the API's origin is heard", () => {
  expect(callbackOutcome({ origin: EXPECTED.origin, data: DATA }, EXPECTED)).toEqual({ success: true, error: null });
});

test("a failure brings its code", () => {
  const data = { ...DATA, success: false, error: "consent_denied" };
  expect(callbackOutcome({ origin: EXPECTED.origin, data }, EXPECTED)).toEqual({
    success: false,
    error: "consent_denied",
  });
});

test.each([
  "http://localhost:8100",
  "http://127.0.0.1:8000",
  "https://localhost:8000",
  "http://localhost:8000.evil.test",
  "null",
  "",
])("a message from %j is not heard", (origin) => {
  expect(callbackOutcome({ origin, data: DATA }, EXPECTED)).toBeNull();
});

test.each([
  null,
  "acme-oauth-callback",
  [],
  { ...DATA, type: "other-oauth-callback" },
  { ...DATA, flow_id: "flow-2" },
  { type: DATA.type, success: true },
])("a message that says %j is not heard", (data) => {
  expect(callbackOutcome({ origin: EXPECTED.origin, data }, EXPECTED)).toBeNull();
});

test("only true is success", () => {
  expect(callbackOutcome({ origin: EXPECTED.origin, data: { ...DATA, success: "yes" } }, EXPECTED)?.success).toBe(
    false,
  );
});
