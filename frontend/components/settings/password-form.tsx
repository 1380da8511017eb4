"use client";

import { useState } from "react";

import { NewPasswordField } from "@/components/auth/new-password-field";
import { Alert } from "@/components/ui/alert";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { changePassword } from "@/lib/api/client";
import { useUser } from "@/lib/api/use-session";
import { messageOfForm } from "@/lib/messages";
import { useSubmission } from "@/lib/use-submission";

import { Section, sectionStyles as styles } from "./section";

export function PasswordForm({ onChanged }: { onChanged: () => void }) {
  const user = useUser();
  const [said, setSaid] = useState("");
  const { busy, error, form } = useSubmission(async (entered, shown) => {
    setSaid("");
    await changePassword(String(entered.get("current_password")), String(entered.get("new_password")));
    shown.reset();
    setSaid("Your password has been changed. All other devices are logged out.");
    onChanged();
  });
  return (
    <Section title="Password" lead="A new one logs out all other devices.">
      <form className={styles.form} {...form}>
        {error && <Alert tone="danger">{messageOfForm(error, ["current_password", "new_password"])}</Alert>}
        {/* Tells password managers whose password this is. */}
        <input type="text" name="username" autoComplete="username" value={user?.email ?? ""} readOnly hidden />
        <div className={styles.fields}>
          <Field
            label="Current password"
            name="current_password"
            type="password"
            autoComplete="current-password"
            required
            error={error?.fields.current_password}
          />
          <NewPasswordField label="New password" name="new_password" error={error?.fields.new_password} />
        </div>
        <div className={styles.end}>
          <Button type="submit" look="primary" busy={busy}>
            Change password
          </Button>
          <p className={styles.said} role="status">
            {said}
          </p>
        </div>
      </form>
    </Section>
  );
}
