"use client";

import { DeviceList } from "./device-list";
import { EventList } from "./event-list";
import { PasswordForm } from "./password-form";
import { useDevices } from "./use-devices";
import { useEvents } from "./use-events";

export function SecurityView() {
  const devices = useDevices();
  const events = useEvents();

  function reload() {
    devices.reload();
    events.reload();
  }

  return (
    <>
      <PasswordForm onChanged={reload} />
      <DeviceList devices={devices} onEnded={reload} />
      <EventList events={events} />
    </>
  );
}
