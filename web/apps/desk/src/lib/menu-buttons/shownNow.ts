import type { MenuButton } from '@otklik/api';
import { isForDevice, isWithinHours, type Device } from '@otklik/chat/menu';

/** Why the widget does not draw a button, the first reason that holds. */
export type Reason = 'off' | 'problem' | 'device' | 'hours';

export type Shown = Pick<MenuButton, 'enabled' | 'hours' | 'devices' | 'problem'>;

/** As the widget judges: null where it is drawn. */
export function whyNot(button: Shown, device: Device, timeZone: string, now: Date): Reason | null {
  if (!button.enabled) return 'off';
  if (button.problem) return 'problem';
  if (!isForDevice(button.devices, device)) return 'device';
  if (button.hours && !isWithinHours(button.hours, timeZone, now)) return 'hours';
  return null;
}
