import type { FieldKind, MenuButton, NewMenuButton } from '@otklik/api';
import { DAYS, pictureOf, type Day, type Device, type MenuPicture } from '@otklik/chat/menu';

type Target = NewMenuButton['target'];
export type Kind = Target['kind'];
export type Messenger = Extract<Target, { kind: 'channel' }>['channel'];

export const DEVICES = ['desktop', 'phone', 'tablet'] as const satisfies readonly Device[];
export const MOST_BUTTONS = 7;
export const MOST_FIELDS = 5;

/** A visitor can write these, and nothing else. */
export const ASKED_KINDS: readonly FieldKind[] = ['text', 'phone', 'email', 'number', 'date', 'link', 'id'];

/** It goes from the site when that is published. */
export const isRemoved = ({ change }: Pick<MenuButton, 'change'>): boolean => change === 'removed';

/** A button as its form holds it: what was written for one kind is kept while another one is looked at. */
export interface MenuDraft {
  kind: Kind;
  scenario: string;
  channel: Messenger;
  channelUrl: string;
  phone: string;
  url: string;
  newTab: boolean;
  fields: string[];
  event: string;
  ru: string;
  en: string;
  /** Null is the kind's own picture. */
  picture: MenuPicture | null;
  file: { id: string; url: string } | null;
  isBrand: boolean;
  colour: string;
  isTimed: boolean;
  days: Day[];
  from: string;
  to: string;
  devices: Device[];
}

const NEW: Omit<MenuDraft, 'colour'> = {
  kind: 'scenario',
  scenario: '',
  channel: 'telegram',
  channelUrl: '',
  phone: '',
  url: '',
  newTab: true,
  fields: ['phone'],
  event: '',
  ru: '',
  en: '',
  picture: null,
  file: null,
  isBrand: true,
  isTimed: false,
  days: DAYS.slice(0, 5),
  from: '09:00',
  to: '18:00',
  devices: [...DEVICES],
};

/** The form of a button, or of a new one. */
export function draftOf(button: MenuButton | null, brand: string): MenuDraft {
  if (!button) return { ...NEW, colour: brand };
  const { target, label, image, colour, hours, devices } = button;
  const { file_id: id, url } = image ?? {};
  return {
    ...NEW,
    ...targetDraft(target),
    kind: target.kind,
    ru: label.ru,
    en: label.en ?? '',
    picture: image?.set ?? null,
    file: id && url ? { id, url } : null,
    isBrand: colour === null,
    colour: colour ?? brand,
    isTimed: hours !== null,
    ...(hours ?? {}),
    devices: devices.length > 0 ? devices : [...DEVICES],
  };
}

function targetDraft(target: MenuButton['target']): Partial<MenuDraft> {
  switch (target.kind) {
    case 'scenario':
      return { scenario: target.scenario_id };
    case 'channel':
      return { channel: target.channel, channelUrl: target.url ?? '' };
    case 'phone':
      return { phone: target.phone };
    case 'link':
      return { url: target.url ?? '', newTab: target.new_tab };
    case 'callback':
      return { fields: target.fields };
    case 'event':
      return { event: target.name };
    case 'chat':
      return {};
  }
}

/** What is sent: everything but whether it is on. */
export function bodyOf(draft: MenuDraft): NewMenuButton {
  const { days, from, to, devices, file, picture } = draft;
  return {
    label: { ru: draft.ru.trim(), en: draft.en.trim() || null },
    colour: draft.isBrand ? null : draft.colour,
    image: file ? { file_id: file.id } : picture ? { set: picture } : null,
    hours: draft.isTimed ? { days: DAYS.filter((day) => days.includes(day)), from, to } : null,
    devices: devices.length === DEVICES.length ? [] : DEVICES.filter((device) => devices.includes(device)),
    target: targetOf(draft),
  };
}

function targetOf(draft: MenuDraft): Target {
  switch (draft.kind) {
    case 'scenario':
      return { kind: 'scenario', scenario_id: draft.scenario };
    case 'channel':
      return { kind: 'channel', channel: draft.channel, url: draft.channelUrl.trim() || null };
    case 'phone':
      return { kind: 'phone', phone: draft.phone.trim() };
    case 'link':
      return { kind: 'link', url: draft.url.trim(), new_tab: draft.newTab };
    case 'callback':
      return { kind: 'callback', fields: draft.fields };
    case 'event':
      return { kind: 'event', name: draft.event.trim() };
    case 'chat':
      return { kind: 'chat' };
  }
}

/** The picture of a draft out of our set, where it has none of its own. */
export function setPicture({ picture, kind, channel }: MenuDraft): MenuPicture {
  return picture ?? pictureOf(kind, kind === 'channel' ? channel : undefined);
}
