import { m } from '$lib/paraglide/messages';
import { getLocale } from '$lib/paraglide/runtime';
import { duration } from '$lib/shared/format';
import type { SiteVisitor, VisitorStatus } from '@otklik/api';

export const STATUSES = ['browsing', 'chatting', 'typing'] as const;

export const statusNames: Record<VisitorStatus, () => string> = {
  browsing: m.visitors_status_browsing,
  chatting: m.visitors_status_chatting,
  typing: m.visitors_status_typing,
};

const devices: Record<string, () => string> = {
  desktop: m.menu_device_desktop,
  phone: m.menu_device_phone,
  tablet: m.menu_device_tablet,
};

export const deviceName = (device: string): string => devices[device]?.() ?? device;

/** By its two letters; what is none is shown as it is. */
export function countryName(code: string): string {
  try {
    return new Intl.DisplayNames(getLocale(), { type: 'region' }).of(code) ?? code;
  } catch {
    return code;
  }
}

export const visitorName = ({ name, handle }: Pick<SiteVisitor, 'name' | 'handle'>): string =>
  name || handle || m.visitor();

/** An advertisement, the site that the visitor came from, or neither. */
export function sourceOf({ utm, referrer, page }: Pick<SiteVisitor, 'utm' | 'referrer' | 'page'>): string {
  const paid = [[utm.source, utm.medium].filter(Boolean).join(' / '), utm.campaign].filter(Boolean);
  if (paid.length > 0) return paid.join(' · ');
  const from = hostOf(referrer ?? '');
  return from && from !== hostOf(page.url) ? from : m.visitors_direct();
}

function hostOf(address: string): string {
  try {
    return new URL(address).hostname.replace(/^www\./, '');
  } catch {
    return '';
  }
}

/** What of an address tells pages of one site apart. */
export function pathOf(address: string): string {
  try {
    const { pathname, search } = new URL(address);
    return decoded(pathname + search);
  } catch {
    return address;
  }
}

function decoded(text: string): string {
  try {
    return decodeURI(text);
  } catch {
    return text;
  }
}

/** Where a page can be followed to; whatever else a foreign page says of its address is only shown. */
export const linkTo = (address: string): string | null => (/^https?:\/\//i.test(address) ? address : null);

/** How long somebody is here. */
export function stayOf(since: string, now: number): string {
  const ms = now - Date.parse(since);
  return ms < 60_000 ? m.visitors_minute() : duration(ms);
}
