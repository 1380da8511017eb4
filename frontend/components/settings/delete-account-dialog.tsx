"use client";

import { Alert } from "@/components/ui/alert";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import { Field } from "@/components/ui/field";
import { deleteAccount } from "@/lib/api/client";
import { messageOfForm } from "@/lib/messages";
import { useSubmission } from "@/lib/use-submission";

import styles from "./delete-account-dialog.module.css";

interface DeleteAccountDialogProps {
  email: string;
  byPassword: boolean;
  onCancel: () => void;
}

export function DeleteAccountDialog({ email, byPassword, onCancel }: DeleteAccountDialogProps) {
  const { busy, error, form } = useSubmission(async (entered) => {
    await deleteAccount(byPassword ? String(entered.get("current_password")) : null);
    return "leaving";
  });
  return (
    <ConfirmDialog
      title="Delete your account?"
      confirm="Delete everything"
      cancel="Keep my account"
      busy={busy}
      onConfirm={() => form.ref.current?.requestSubmit()}
      onCancel={onCancel}
    >
      <p>
        The account of <strong className={styles.email}>{email}</strong>, its connections and all items that came through them are deleted, and
        access at the providers is given back. You are logged out on every device. This cannot be undone.
      </p>
      {error && (
        <Alert tone="danger">
          {error.code === "reauthentication_required"
            ? "It is too long ago that you signed in at Google. Close this, and confirm with Google once more."
            : messageOfForm(error, ["current_password"])}
        </Alert>
      )}
      <form {...form}>
        {byPassword && (
          <Field
            label="Your password"
            name="current_password"
            type="password"
            autoComplete="current-password"
            required
            autoFocus
            error={error?.fields.current_password}
          />
        )}
      </form>
    </ConfirmDialog>
  );
}
