import type { Metadata } from "next";

import { GoogleCallbackView } from "@/components/auth/google-callback-view";

// Its address comes with a code: no request that it makes names that address.
export const metadata: Metadata = { title: "Signing in", referrer: "no-referrer" };

export default function GoogleCallbackPage() {
  return <GoogleCallbackView />;
}
