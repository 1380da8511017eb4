/** A refusal of the API (RFC 9457), or no answer at all. */
export class ApiError extends Error {
  constructor(
    /** Stable word of the refusal, or `unreachable`. */
    readonly code: string,
    /** HTTP status; 0 where there was no answer. */
    readonly status: number,
    readonly detail = "",
    /** Messages by field, for invalid input. */
    readonly fields: Readonly<Record<string, string>> = {},
    /** Seconds to wait, where the server named them. */
    readonly retryAfter: number | null = null,
  ) {
    super(detail || code);
  }
}

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** The body of a successful answer. Raises ApiError for everything else. */
export async function answerOf<T>(call: Promise<Answer<T>>): Promise<T> {
  let answer: Answer<T>;
  try {
    answer = await call;
  } catch (error) {
    throw error instanceof ApiError ? error : new ApiError("unreachable", 0);
  }
  if (!answer.response.ok) throw refusal(answer.response, answer.error);
  return answer.data as T;
}

/** A failure of whatever kind, as ApiError. */
export function asApiError(error: unknown): ApiError {
  return error instanceof ApiError ? error : new ApiError("unexpected", 0);
}

function refusal(response: Response, body: unknown): ApiError {
  const problem = isRecord(body) ? body : {};
  const seconds = Number.parseInt(response.headers.get("Retry-After") ?? "", 10);
  return new ApiError(
    typeof problem.code === "string" ? problem.code : "unexpected",
    response.status,
    typeof problem.detail === "string" ? problem.detail : "",
    fieldMessages(problem.errors),
    Number.isNaN(seconds) ? null : seconds,
  );
}

function fieldMessages(errors: unknown): Record<string, string> {
  if (!Array.isArray(errors)) return {};
  return Object.fromEntries(
    errors
      .filter((each) => isRecord(each) && typeof each.field === "string" && typeof each.message === "string")
      .map((each) => [each.field, each.message]),
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
