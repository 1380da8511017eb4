"use client";

import { useUser } from "@/lib/api/use-session";

import { AccountFacts } from "./account-facts";
import { ProfileForm } from "./profile-form";

export function ProfileView() {
  const user = useUser();
  return (
    user && (
      <>
        <AccountFacts user={user} />
        <ProfileForm profile={user.profile} />
      </>
    )
  );
}
