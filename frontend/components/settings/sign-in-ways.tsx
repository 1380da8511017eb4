"use client";

import Link from "next/link";
import { useState, type ReactNode } from "react";

import { LogInAgainButton } from "@/components/auth/log-in-again-button";
import { Alert } from "@/components/ui/alert";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { unlinkGoogle } from "@/lib/api/client";
import { asApiError, type ApiError } from "@/lib/api/problem";
import type { User } from "@/lib/api/types";
import { messageOfSignIn } from "@/lib/messages";
import { paths } from "@/lib/paths";
import { useGoogle } from "@/lib/use-google";
import { useSignInMethods } from "@/lib/use-sign-in-methods";

import { sectionStyles as styles } from "./section";

/** How a person gets into their account, and what they can change about it. */
export function SignInWays({ user }: { user: User }) {
  const methods = useSignInMethods();
  const hasPassword = user.sign_in_methods.includes("password");
  const hasGoogle = user.sign_in_methods.includes("google");
  const link = useGoogle("link", paths.profile());
  const unlink = useUnlink();
  const error = link.error ?? unlink.error;
  return (
    <>
      <div className={styles.body}>
        <h3>Ways to sign in</h3>
        {error && (
          <Alert
            tone="danger"
            actions={error.code === "reauthentication_required" && <LogInAgainButton next={paths.profile()} />}
          >
            {messageOfSignIn(error)}
          </Alert>
        )}
        <p className={styles.said} role="status">
          {unlink.said}
        </p>
      </div>
      <ul className={styles.rows} aria-label="Ways to sign in">
        <Way name="Password" ready={hasPassword} words={hasPassword ? "Set" : "Not set"}>
          {hasPassword ? (
            "The password that you have chosen."
          ) : (
            <span>
              Get one by a mailed link: <Link href={paths.forgotPassword()}>Forgot your password?</Link>
            </span>
          )}
        </Way>
        {(hasGoogle || methods?.google) && (
          <Way
            name="Google"
            ready={hasGoogle}
            words={hasGoogle ? "Linked" : "Not linked"}
            action={
              hasGoogle
                ? hasPassword && (
                    <Button size="sm" busy={unlink.busy} onClick={unlink.start}>
                      Unlink Google
                    </Button>
                  )
                : methods?.google && (
                    <Button size="sm" busy={link.busy} onClick={link.start}>
                      Link Google
                    </Button>
                  )
            }
          >
            {hasGoogle && !hasPassword
              ? "Your only way in: it can be unlinked as soon as you have a password."
              : "To link or unlink it logs out all other devices."}
          </Way>
        )}
      </ul>
    </>
  );
}

interface WayProps {
  name: string;
  ready: boolean;
  words: string;
  children: ReactNode;
  action?: ReactNode;
}

function Way({ name, ready, words, children, action }: WayProps) {
  return (
    <li aria-label={name}>
      <div className={styles.about}>
        <div className={styles.title}>
          <h4>{name}</h4>
          <Badge tone={ready ? "success" : "neutral"}>{words}</Badge>
        </div>
        <p className={styles.details}>{children}</p>
      </div>
      {action}
    </li>
  );
}

function useUnlink() {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  const [said, setSaid] = useState("");

  async function start() {
    setBusy(true);
    setError(null);
    setSaid("");
    try {
      await unlinkGoogle();
      setSaid("Google is unlinked. All other devices are logged out.");
    } catch (failure) {
      setError(asApiError(failure));
    }
    setBusy(false);
  }

  return { busy, error, said, start };
}
