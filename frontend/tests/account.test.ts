import { expect, test, vi } from "vitest";

import { ApiError } from "@/lib/api/problem";
import { deviceName } from "@/lib/device-name";
import { takeMailedToken } from "@/lib/mailed-token";
import { messageOf, messageOfError, messageOfForm } from "@/lib/messages";
import { isForEverybody, pageAfterLogin, paths } from "@/lib/paths";
import { profileChanges } from "@/lib/profile-changes";
import { eventText } from "@/lib/security-events";

/** A window at this address, and what its history was told. */
function windowAt(address: string) {
  const replaceState = vi.fn();
  const history = { state: { kept: true }, replaceState } as unknown as History;
  return { opened: { location: new URL(address) as unknown as Location, history }, replaceState };
}

test("a mailed token is taken out of the address", () => {
  const { opened, replaceState } = windowAt("http://localhost/app/reset-password/?a=b#token=v1.x-y_z");
  expect(takeMailedToken(opened)).toBe("v1.x-y_z");
  expect(replaceState).toHaveBeenCalledExactlyOnceWith({ kept: true }, "", "/app/reset-password/?a=b");
});

test.each(["#", "#token=", "#other=1"])("an address that ends with %j has no token", (hash) => {
  expect(takeMailedToken(windowAt(`http://localhost/app/reset-password/${hash}`).opened)).toBeNull();
});

test("an address without a token is left as it is", () => {
  const { opened, replaceState } = windowAt("http://localhost/app/reset-password/");
  expect(takeMailedToken(opened)).toBeNull();
  expect(replaceState).not.toHaveBeenCalled();
});

const WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)";

test.each([
  [`Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${WEBKIT} Chrome/140.0.0.0 Safari/537.36`, "Chrome on Windows"],
  [`Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${WEBKIT} Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0`, "Edge on Windows"],
  [`Mozilla/5.0 (X11; Linux x86_64) ${WEBKIT} Chrome/140.0.0.0 Safari/537.36 OPR/120.0.0.0`, "Opera on Linux"],
  [`Mozilla/5.0 (X11; Linux x86_64) ${WEBKIT} HeadlessChrome/140.0.0.0 Safari/537.36`, "Chrome on Linux"],
  [`Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) ${WEBKIT} Chrome/140.0.0.0 Safari/537.36`, "Chrome on ChromeOS"],
  [`Mozilla/5.0 (Linux; Android 10; K) ${WEBKIT} Chrome/140.0.0.0 Mobile Safari/537.36`, "Chrome on Android"],
  [
    `Mozilla/5.0 (Linux; Android 15; K) ${WEBKIT} SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36`,
    "Samsung Internet on Android",
  ],
  ["Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0", "Firefox on Linux"],
  [
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1",
    "Safari on iPhone",
  ],
  [
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/140.0.0.0 Mobile/15E148 Safari/604.1",
    "Chrome on iPhone",
  ],
  [
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Safari/605.1.15",
    "Safari on Mac",
  ],
  ["Mozilla/5.0 (X11; Linux x86_64)", "A browser on Linux"],
  ["curl/8.5.0", "curl"],
  ["python-httpx/0.28.1", "python-httpx"],
  ["", "Unknown device"],
  ["<img src=x onerror=alert(1)>", "Unknown device"],
  ["x".repeat(400), "Unknown device"],
])("%j is called %j", (userAgent, name) => {
  expect(deviceName(userAgent)).toBe(name);
});

test("each act has words for its success, and what can be refused for its refusal", () => {
  expect(eventText("login", "success")).toBe("Logged in");
  expect(eventText("login", "failure")).toBe("Login refused");
  expect(eventText("password_reset", "failure")).not.toBe(eventText("password_reset", "success"));
});

test.each(["constructor", "__proto__", "brand_new"])("an act that is new here (%j) has its own name", (action) => {
  expect(eventText(action, "success").toLowerCase()).toContain(action.replaceAll("_", " ").toLowerCase());
  expect(eventText(action, "failure")).toContain("refused");
});

const STORED = {
  full_name: "Robin Example",
  display_name: null,
  company: "Acme",
  job_title: null,
  avatar_url: null,
  timezone: "Europe/Berlin",
};

function entered(fields: Partial<Record<keyof typeof STORED, string>>): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries({ ...STORED, ...fields })) form.set(name, value ?? "");
  return form;
}

test("only what was entered differently is sent, and what was emptied as null", () => {
  expect(profileChanges(STORED, entered({}))).toEqual({});
  expect(profileChanges(STORED, entered({ display_name: " Robin ", company: "  ", job_title: "" }))).toEqual({
    display_name: "Robin",
    company: null,
  });
});

test.each(["link_invalid", "wrong_password", "password_common", "rate_limited"])("%s is told in our words", (code) => {
  expect(messageOf(code)).not.toContain(code);
});

test.each([
  [1, "1 second"],
  [60, "60 seconds"],
  [840, "14 minutes"],
  [5400, "2 hours"],
])("a wait of %d seconds reads as %s", (seconds, words) => {
  expect(messageOfError(new ApiError("rate_limited", 429, "", {}, seconds))).toContain(`in ${words}.`);
});

test("what is wrong in a field that the form does not show is told above it", () => {
  const error = new ApiError("invalid_input", 400, "", { token: "Too long.", password: "Too short." });
  expect(messageOfForm(error, ["password"])).toContain("Too long.");
  expect(messageOfForm(error, ["password"])).not.toContain("Too short.");
});

test("the settings are led back to after logging in", () => {
  for (const page of [paths.profile(), paths.security()]) {
    const { searchParams } = new URL(paths.login(page), "http://localhost");
    expect(pageAfterLogin(searchParams.get("next"))).toBe(page);
  }
  expect(pageAfterLogin("/settings/")).toBe(paths.integrations());
});

test("the login page is told that a password was changed", () => {
  expect(paths.login(undefined, "password_changed")).toBe("/login/?note=password_changed");
});

test("pages that a mailed link opens are the same for everybody, others are not", () => {
  expect([paths.verifyEmail(), paths.resetPassword(), paths.forgotPassword()].every(isForEverybody)).toBe(true);
  expect([paths.login(), paths.integrations(), paths.security()].some(isForEverybody)).toBe(false);
});
