export interface CallbackOutcome {
  success: boolean;
  /** Code of the refusal. */
  error: string | null;
}

export interface ExpectedCallback {
  origin: string;
  provider: string;
  flowId: string;
}

/** What the callback page of this flow reports, or null for every other message that reaches the window. */
export function callbackOutcome(
  message: Pick<MessageEvent, "origin" | "data">,
  expected: ExpectedCallback,
): CallbackOutcome | null {
  const data: unknown = message.data;
  if (message.origin !== expected.origin || typeof data !== "object" || data === null) return null;
  const { type, flow_id, success, error } = data as Record<string, unknown>;
  if (type !== `${expected.provider}-oauth-callback` || flow_id !== expected.flowId) return null;
  return { success: success === true, error: typeof error === "string" ? error : null };
}
