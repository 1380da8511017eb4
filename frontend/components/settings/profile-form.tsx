"use client";

import { useId, useState } from "react";

import { Alert } from "@/components/ui/alert";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { changeProfile } from "@/lib/api/client";
import type { Profile } from "@/lib/api/types";
import { messageOfForm } from "@/lib/messages";
import { PROFILE_FIELDS, profileChanges } from "@/lib/profile-changes";
import { useSubmission } from "@/lib/use-submission";

import { Section, sectionStyles as styles } from "./section";

const FIELDS = [
  { name: "full_name", label: "Full name", autoComplete: "name" },
  { name: "display_name", label: "Display name", autoComplete: "nickname" },
  { name: "company", label: "Company", autoComplete: "organization" },
  { name: "job_title", label: "Job title", autoComplete: "organization-title" },
] as const;

export function ProfileForm({ profile }: { profile: Profile }) {
  const zones = useId();
  const [said, setSaid] = useState("");
  const { busy, error, form } = useSubmission(async (entered) => {
    setSaid("");
    const changes = profileChanges(profile, entered);
    if (Object.keys(changes).length) await changeProfile(changes);
    setSaid("Saved.");
  });
  return (
    <Section title="Profile" lead="All of it is optional.">
      <form className={styles.form} {...form}>
        {error && <Alert tone="danger">{messageOfForm(error, PROFILE_FIELDS)}</Alert>}
        <div className={styles.fields}>
          {FIELDS.map((field) => (
            <Field
              key={field.name}
              {...field}
              defaultValue={profile[field.name] ?? ""}
              error={error?.fields[field.name]}
            />
          ))}
          <Field
            label="Time zone"
            name="timezone"
            list={zones}
            autoComplete="off"
            spellCheck={false}
            defaultValue={profile.timezone ?? ""}
            hint={`This device is in ${Intl.DateTimeFormat().resolvedOptions().timeZone}.`}
            error={error?.fields.timezone}
          />
          <Field
            label="Picture"
            name="avatar_url"
            inputMode="url"
            autoComplete="photo"
            spellCheck={false}
            defaultValue={profile.avatar_url ?? ""}
            hint="An address that begins with https://."
            error={error?.fields.avatar_url}
          />
        </div>
        <datalist id={zones}>
          {Intl.supportedValuesOf("timeZone").map((zone) => (
            <option key={zone} value={zone} />
          ))}
        </datalist>
        <div className={styles.end}>
          <Button type="submit" look="primary" busy={busy}>
            Save
          </Button>
          <p className={styles.said} role="status">
            {said}
          </p>
        </div>
      </form>
    </Section>
  );
}
