import type { Message } from '@otklik/api';

/** A message, or the events between two messages. */
export interface Block {
  key: string;
  events: Message[] | null;
  message: Message;
  next: Message | undefined;
}

/** Events between two messages stand together, so that three or more can fold. */
export function blocksOf(messages: readonly Message[]): Block[] {
  const blocks: Block[] = [];
  messages.forEach((message, index) => {
    const last = blocks.at(-1);
    if (message.kind === 'event' && last?.events) last.events.push(message);
    else
      blocks.push({
        key: message.client_id ?? message.id,
        events: message.kind === 'event' ? [message] : null,
        message,
        next: messages[index + 1],
      });
  });
  return blocks;
}
