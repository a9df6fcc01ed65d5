import type { ReplyChannel } from '@otklik/api';

/** Where the client wrote last, open for an answer or not. */
export function lastUsed(channels: readonly ReplyChannel[]): ReplyChannel | undefined {
  return channels.reduce<ReplyChannel | undefined>((last, channel) => {
    if (!channel.last_message_at) return last;
    return !last?.last_message_at || channel.last_message_at > last.last_message_at ? channel : last;
  }, undefined);
}

/** Where to answer while nobody has chosen: where the client wrote last, else in the open conversation. */
export function suggested(channels: readonly ReplyChannel[], ownContactId: string): string | null {
  const open = channels.filter((channel) => channel.can_write);
  const own = open.find((channel) => channel.contact_id === ownContactId);
  return (lastUsed(open) ?? own ?? open[0])?.contact_id ?? null;
}

/** The channels after the client has written in one. They keep their places: a list does not move under the pointer. */
export function heardIn(channels: readonly ReplyChannel[], contactId: string, at: string): ReplyChannel[] {
  return channels.map((channel) => {
    const isNews = channel.contact_id === contactId && at > (channel.last_message_at ?? '');
    return isNews ? { ...channel, last_message_at: at } : channel;
  });
}
