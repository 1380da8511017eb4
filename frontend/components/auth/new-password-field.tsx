import type { ComponentProps } from "react";

import { Field } from "@/components/ui/field";

type NewPasswordFieldProps = Pick<ComponentProps<typeof Field>, "label" | "name" | "error" | "autoFocus">;

/** Where a person chooses a password. */
export function NewPasswordField(props: NewPasswordFieldProps) {
  return (
    <Field
      {...props}
      type="password"
      autoComplete="new-password"
      required
      hint="A sentence of your own works well: 12 characters or more."
    />
  );
}
