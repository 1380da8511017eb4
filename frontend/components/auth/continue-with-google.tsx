"use client";

import { Alert } from "@/components/ui/alert";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { messageOfSignIn } from "@/lib/messages";
import { pageAfterLogin } from "@/lib/paths";
import { useGoogle } from "@/lib/use-google";
import { useSignInMethods } from "@/lib/use-sign-in-methods";

import styles from "./continue-with-google.module.css";

/** The other way in, where the server has it. `next`: the page that the person wanted. */
export function ContinueWithGoogle({ next }: { next: string | undefined }) {
  const methods = useSignInMethods();
  const { busy, error, start } = useGoogle("login", pageAfterLogin(next ?? null));
  if (!methods?.google) return null;
  return (
    <div className={styles.ways}>
      <p className={styles.or}>or</p>
      {error && <Alert tone="danger">{messageOfSignIn(error)}</Alert>}
      <Button wide busy={busy} onClick={start}>
        Continue with Google
        {methods.google_sandbox && <Badge tone="warning">Sandbox</Badge>}
      </Button>
    </div>
  );
}
