import Link from "next/link";
import type { ComponentProps, MouseEvent } from "react";

import styles from "./button.module.css";
import { classNames } from "./class-names";
import { Spinner } from "./spinner";

export interface ButtonLook {
  look?: "primary" | "secondary" | "quiet" | "danger";
  size?: "sm" | "md";
  wide?: boolean;
}

function classOf({ look = "secondary", size = "md", wide = false }: ButtonLook): string {
  return classNames(styles.button, styles[look], styles[size], wide && styles.wide);
}

interface ButtonProps extends ButtonLook, Omit<ComponentProps<"button">, "className"> {
  /** Its work is under way. It keeps its name and the focus, and does nothing when pressed. */
  busy?: boolean;
}

export function Button({ look, size, wide, busy = false, onClick, children, type = "button", ...rest }: ButtonProps) {
  function press(event: MouseEvent<HTMLButtonElement>) {
    if (busy) event.preventDefault();
    else onClick?.(event);
  }
  return (
    <button
      {...rest}
      type={type}
      className={classOf({ look, size, wide })}
      aria-disabled={busy || undefined}
      onClick={press}
    >
      {busy && <Spinner />}
      {children}
    </button>
  );
}

/** A link to one of our pages that stands among buttons. */
export function ButtonLink({ look, size, wide, ...rest }: ButtonLook & Omit<ComponentProps<typeof Link>, "className">) {
  return <Link {...rest} className={classOf({ look, size, wide })} />;
}

/** A link to a foreign page that stands among buttons. It opens in a new tab and tells that page nothing. */
export function OutsideButtonLink({
  look,
  size,
  wide,
  children,
  ...rest
}: ButtonLook & Omit<ComponentProps<"a">, "className">) {
  return (
    <a {...rest} className={classOf({ look, size, wide })} target="_blank" rel="noopener noreferrer">
      {children}
    </a>
  );
}
