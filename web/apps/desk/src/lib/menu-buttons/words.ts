import type { MenuButton, SiteProblem } from '@otklik/api';
import type { Device, MenuPicture } from '@otklik/chat/menu';
import { m } from '$lib/paraglide/messages';
import { hoursText } from '$lib/shared/hours';
import type { Kind, Messenger } from './draft';
import { whyNot, type Reason } from './shownNow';

export const kindNames: Record<Kind, () => string> = {
  scenario: m.menu_kind_scenario,
  chat: m.menu_kind_chat,
  channel: m.menu_kind_channel,
  phone: m.menu_kind_phone,
  link: m.menu_kind_link,
  callback: m.menu_kind_callback,
  event: m.menu_kind_event,
};

export const messengerNames: Record<Messenger, () => string> = {
  telegram: () => 'Telegram',
  whatsapp: () => 'WhatsApp',
  vk: m.menu_vk,
  viber: () => 'Viber',
  instagram: () => 'Instagram',
};

export const pictureNames: Record<MenuPicture, () => string> = {
  ...messengerNames,
  chat: m.menu_picture_chat,
  phone: m.menu_picture_phone,
  mail: m.menu_picture_mail,
  robot: m.menu_picture_robot,
  question: m.menu_picture_question,
  cart: m.menu_picture_cart,
  gift: m.menu_picture_gift,
  calendar: m.menu_picture_calendar,
  star: m.menu_picture_star,
  document: m.menu_picture_document,
  link: m.menu_picture_link,
};

export const deviceNames: Record<Device, () => string> = {
  desktop: m.menu_device_desktop,
  phone: m.menu_device_phone,
  tablet: m.menu_device_tablet,
};

const forDevices: Record<Device, () => string> = {
  desktop: m.menu_for_desktop,
  phone: m.menu_for_phone,
  tablet: m.menu_for_tablet,
};

export const problemNames: Record<SiteProblem, () => string> = {
  scenario_unpublished: m.menu_problem_scenario_unpublished,
  scenario_gone: m.menu_problem_scenario_gone,
  no_licence: m.menu_problem_no_licence,
  channel_off: m.menu_problem_channel_off,
  field_gone: m.menu_problem_field_gone,
};

export const changeNames: Record<NonNullable<MenuButton['change']>, () => string> = {
  new: m.menu_change_new,
  changed: m.menu_change_changed,
  moved: m.menu_change_moved,
  removed: m.menu_change_removed,
};

/** Where a press leads and when, in one line. */
export function aboutButton(button: MenuButton, scenarioName: (id: string) => string): string {
  const { target, hours } = button;
  const parts = [
    [kindNames[target.kind](), placeOf(target, scenarioName)].filter(Boolean).join(' → '),
    hours ? hoursText(hours) : '',
  ];
  return parts.filter(Boolean).join(', ');
}

function placeOf(target: MenuButton['target'], scenarioName: (id: string) => string): string {
  switch (target.kind) {
    case 'scenario':
      return `«${scenarioName(target.scenario_id)}»`;
    case 'channel':
      return messengerNames[target.channel]();
    case 'phone':
      return target.phone;
    case 'link':
      return target.url ?? '';
    case 'event':
      return target.name;
    default:
      return '';
  }
}

/** Which buttons a visitor at this device does not have now, and why, a line each. */
export function missingLines(
  buttons: readonly MenuButton[],
  device: Device,
  timeZone: string,
  now: Date,
  locale: 'ru' | 'en',
): string[] {
  return buttons.flatMap((button) => {
    const reason = whyNot(button, device, timeZone, now);
    return reason ? [whyText(button, reason, (locale === 'en' && button.label.en) || button.label.ru)] : [];
  });
}

function whyText({ problem, devices, hours }: MenuButton, reason: Reason, label: string): string {
  switch (reason) {
    case 'problem':
      return m.menu_why_problem({ label, problem: problem ? problemNames[problem]() : '' });
    case 'device': {
      return m.menu_why_device({ label, devices: devices.map((device) => forDevices[device]()).join(', ') });
    }
    case 'hours':
      return m.menu_why_hours({ label, hours: hours ? hoursText(hours) : '' });
    case 'off':
      return m.menu_why_off({ label });
  }
}
