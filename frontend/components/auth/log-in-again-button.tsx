"use client";

import { useRouter } from "next/navigation";
import { useState } from "react";

import { Alert } from "@/components/ui/alert";
import { Button } from "@/components/ui/button";
import { logOut } from "@/lib/api/client";
import { asApiError } from "@/lib/api/problem";
import { messageOfError } from "@/lib/messages";
import { paths } from "@/lib/paths";

/** For what takes a fresh login: log out, and come back to `next` by the login page. */
export function LogInAgainButton({ next, wide = false }: { next: string; wide?: boolean }) {
  const router = useRouter();
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);

  async function leave() {
    setBusy(true);
    setFailure(null);
    try {
      await logOut({ comingBack: true });
      router.replace(paths.login(next));
    } catch (error) {
      setFailure(messageOfError(asApiError(error)));
      setBusy(false);
    }
  }

  return (
    <>
      <Button look={wide ? "primary" : "secondary"} size={wide ? "md" : "sm"} wide={wide} busy={busy} onClick={leave}>
        Log in again
      </Button>
      {failure && <Alert tone="danger">{failure}</Alert>}
    </>
  );
}
