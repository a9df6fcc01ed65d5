import type { ChannelKind, Schemas } from '@otklik/api';
import { m } from '$lib/paraglide/messages';

/** How a channel is connected: each way has its dialog (`channels/ConnectDialogs`) and its error words (`problemTexts`). */
export type Way = 'telegram' | 'email' | 'bridge';

interface KindInfo {
  name: () => string;
  /** Null for what every project has from the start: it is switched off, not taken away. */
  way: Way | null;
  /** Characters of an answer at most. `max_text` of the server, except where its adapter splits a longer text. */
  maxText: number;
  /** What an administrator must know of all channels of this kind. */
  warning?: () => string;
}

const MAX_TEXT = 10_000;

/** Everything the desk knows of a kind, in the order of the pages; its badge is `ChannelBadge` of packages/ui. */
export const kinds: Record<Schemas['ChannelKind'], KindInfo> = {
  site: { name: m.channel_site, way: null, maxText: MAX_TEXT },
  telegram: { name: () => 'Telegram', way: 'telegram', maxText: MAX_TEXT },
  email: { name: m.channel_email, way: 'email', maxText: MAX_TEXT },
  youla: { name: m.channel_youla, way: 'bridge', maxText: 2_000, warning: m.bridge_unverified },
  own: { name: m.channel_own, way: 'bridge', maxText: MAX_TEXT },
  api: { name: m.channel_api, way: null, maxText: MAX_TEXT },
};

/** Nothing for a kind that only a newer server knows. */
export const kindOf = (kind: ChannelKind): KindInfo | undefined =>
  (kinds as Partial<Record<string, KindInfo>>)[kind];

/** The kinds that can be connected, with the way of each. */
export const connectable = Object.entries(kinds).flatMap(([kind, { way }]) => (way ? [{ kind, way }] : []));

/** Characters of an answer at most; a note goes to no channel. */
export const maxText = (kind: ChannelKind | undefined): number => (kind && kindOf(kind)?.maxText) || MAX_TEXT;
