import type { Profile } from "./api/types";
import { textOf } from "./entered";

export const PROFILE_FIELDS = ["full_name", "display_name", "company", "job_title", "avatar_url", "timezone"] as const;

export type ProfileField = (typeof PROFILE_FIELDS)[number];

export type ProfileChanges = Partial<Record<ProfileField, string | null>>;

/** The fields that were entered differently from what is stored; null for those that were emptied. */
export function profileChanges(stored: Pick<Profile, ProfileField>, entered: FormData): ProfileChanges {
  const given = PROFILE_FIELDS.map((field) => [field, textOf(entered, field) || null] as const);
  return Object.fromEntries(given.filter(([field, value]) => value !== stored[field]));
}
