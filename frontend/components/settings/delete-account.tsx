"use client";

import Link from "next/link";
import { useRouter, useSearchParams } from "next/navigation";
import { useState } from "react";

import { Alert } from "@/components/ui/alert";
import { Button } from "@/components/ui/button";
import type { User } from "@/lib/api/types";
import { messageOfSignIn } from "@/lib/messages";
import { paths } from "@/lib/paths";
import { useGoogle } from "@/lib/use-google";
import { useSignInMethods } from "@/lib/use-sign-in-methods";

import { DeleteAccountDialog } from "./delete-account-dialog";
import { Section, sectionStyles as styles } from "./section";

/** Who has no password shows at Google that it is them, and comes back to the question. */
export function DeleteAccount({ user }: { user: User }) {
  const router = useRouter();
  const [asked, setAsked] = useState(useSearchParams().get("delete") === "1");
  const byPassword = user.sign_in_methods.includes("password");

  function close() {
    setAsked(false);
    router.replace(paths.security(), { scroll: false });
  }

  return (
    <Section title="Delete account" lead="Everything that is kept here about you goes, for good.">
      <div className={styles.body}>
        {byPassword ? (
          <Button look="danger" onClick={() => setAsked(true)}>
            Delete account
          </Button>
        ) : (
          <ConfirmWithGoogle />
        )}
      </div>
      {asked && <DeleteAccountDialog email={user.email} byPassword={byPassword} onCancel={close} />}
    </Section>
  );
}

function ConfirmWithGoogle() {
  const methods = useSignInMethods();
  const { busy, error, start } = useGoogle("reauth", paths.deleteAccount());
  if (methods && !methods.google) {
    return (
      <p>
        For this you need a password. <Link href={paths.forgotPassword()}>Get one by a mailed link</Link>
      </p>
    );
  }
  return (
    <div className={styles.fields}>
      {error && <Alert tone="danger">{messageOfSignIn(error)}</Alert>}
      <p>First sign in at Google once more, so that nobody else deletes your account. You are asked again afterwards.</p>
      <div>
        <Button busy={busy} onClick={start}>
          Confirm with Google
        </Button>
      </div>
    </div>
  );
}
