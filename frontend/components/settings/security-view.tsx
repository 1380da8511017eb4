"use client";

import { useUser } from "@/lib/api/use-session";

import { DeleteAccount } from "./delete-account";
import { DeviceList } from "./device-list";
import { EventList } from "./event-list";
import { PasswordForm } from "./password-form";
import { useDevices } from "./use-devices";
import { useEvents } from "./use-events";

export function SecurityView() {
  const user = useUser();
  const devices = useDevices();
  const events = useEvents();

  function reload() {
    devices.reload();
    events.reload();
  }

  return (
    <>
      {user?.sign_in_methods.includes("password") && <PasswordForm onChanged={reload} />}
      <DeviceList devices={devices} onEnded={reload} />
      <EventList events={events} />
      {user && <DeleteAccount user={user} />}
    </>
  );
}
