import type { ChannelKind, ChatWay, Connection } from '@otklik/api';
import { m } from '$lib/paraglide/messages';
import { rowTime } from '$lib/shared/format';

/** What can be done about a channel that cannot be written to: a link to give away, a page of the settings, an address to type, the card. */
export type WayOut =
  | { kind: 'copy'; link: string; label: string }
  | { kind: 'settings'; href: string; label: string }
  | { kind: 'address'; label: string }
  | { kind: 'card'; label: string };

interface Around {
  projectId: string;
  siteKey: string;
  origin: string;
  /** Of the channel; missing where it could not be asked for. */
  connection?: Pick<Connection, 'health'>;
  /** May change the settings of the project. */
  canConfigure: boolean;
  /** A known client is chosen, and no address typed. */
  isChosen: boolean;
}

/** What a reason is told by. A newer server may know more kinds. */
type Refused = Pick<ChatWay, 'reason'> & { channel: ChannelKind };

/** Why nobody can be written to there, in words. */
export function reasonText(way: Refused): string {
  const texts: Record<string, () => string> = {
    blocked_by_client: m.start_chat_why_blocked,
    client_writes_first: m.start_chat_why_client_first,
    connection_off: m.start_chat_why_off,
    needs_address: way.channel === 'email' ? m.start_chat_why_email : m.start_chat_why_address,
    no_way_out: m.start_chat_why_no_way_out,
    window_closed: m.start_chat_why_window,
  };
  return (texts[way.reason ?? ''] ?? m.start_chat_why_other)();
}

/** What a person may expect of an open one. */
export function wayHint(
  way: Pick<ChatWay, 'channel' | 'last_wrote_at'>,
  isOnline: boolean,
  now: number,
): string {
  if (isOnline) return m.reply_online();
  if (way.channel === 'site') return m.reply_site_offline();
  if (way.last_wrote_at) return m.start_chat_last({ time: rowTime(way.last_wrote_at, now) });
  return m.start_chat_first();
}

/** The way out, where this page knows one; the words of the reason say it else. */
export function wayOut(way: Refused, around: Around): WayOut | null {
  switch (way.reason) {
    case 'client_writes_first':
      return linkFor(way, around);
    case 'connection_off':
      return around.canConfigure ? settings(around.projectId) : null;
    case 'needs_address':
      return around.isChosen
        ? { kind: 'card', label: m.start_chat_out_card() }
        : { kind: 'address', label: m.start_chat_out_address() };
    default:
      return null;
  }
}

function linkFor(way: Pick<Refused, 'channel'>, { origin, siteKey, connection }: Around): WayOut | null {
  if (way.channel === 'site')
    return { kind: 'copy', link: `${origin}/chat/${siteKey}`, label: m.start_chat_out_site() };
  const bot = connection?.health.bot?.username?.replace(/^@/, '');
  if (way.channel !== 'telegram' || !bot) return null;
  return { kind: 'copy', link: `https://t.me/${bot}`, label: m.start_chat_out_bot() };
}

const settings = (projectId: string): WayOut => ({
  kind: 'settings',
  href: `/projects/${projectId}/settings/channels`,
  label: m.start_chat_out_settings(),
});
