"use client";

import { useEffect, useState } from "react";

import { signInMethods } from "./api/client";
import type { SignInMethods } from "./api/types";

// They change with the server's settings only.
let asked: Promise<SignInMethods> | null = null;

/** Which ways in there are here; null until that is known. */
export function useSignInMethods(): SignInMethods | null {
  const [methods, setMethods] = useState<SignInMethods | null>(null);
  useEffect(() => {
    let wanted = true;
    asked ??= signInMethods();
    asked.then(
      (known) => wanted && setMethods(known),
      // The password is a way in that needs no answer; the next page asks again.
      () => (asked = null),
    );
    return () => {
      wanted = false;
    };
  }, []);
  return methods;
}
