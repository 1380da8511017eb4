/** Where the API is: empty for the origin that serves these pages. */
export const API_BASE = (process.env.NEXT_PUBLIC_BACKEND_URL ?? "").replace(/\/+$/, "");

/** The origin of the API, the only one whose messages are listened to. */
export function apiOrigin(): string {
  return API_BASE ? new URL(API_BASE).origin : window.location.origin;
}
