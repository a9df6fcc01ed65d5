import type { Attachment, Button, Message } from '../contract';
import type { Entry, View } from '../core/view';

/** Delivery words of our messages; `null` means that nothing is said under this one. */
export type Status =
  'sending' | 'queued' | 'notTaken' | 'slowed' | 'sent' | 'delivered' | 'read' | 'notSent' | null;

export interface Row {
  key: string;
  at: string;
  isOurs: boolean;
  author: string | null;
  text: string;
  /** Words of the message that this one answers. */
  quoted?: string;
  attachments: Attachment[];
  links: Button[];
  status: Status;
  detail: string | null;
  /** What became of it since it was said. */
  mark: 'edited' | 'deleted' | null;
  /** A new day or a long pause begins here. */
  isDated: boolean;
}

const PAUSE_MS = 3_600_000;
const made = new WeakMap<object, Row>();

/** One list of what the server has and what is still on its way. Equal rows stay the same objects. */
export function rowsOf(view: View, isLost: boolean): Row[] {
  const rows: Row[] = [];
  const newestOurs = view.messages.findLast((message) => message.author.kind === 'client');
  let previous = 0;
  const isDated = (at: string) => {
    const time = Date.parse(at);
    const isNewDay = new Date(time).toDateString() !== new Date(previous).toDateString();
    const isAfterPause = time - previous > PAUSE_MS;
    previous = time;
    return isNewDay || isAfterPause;
  };

  for (const message of view.messages) {
    const isOurs = message.author.kind === 'client';
    const isNewest = message === newestOurs && !view.entries.length;
    const status = isOurs ? statusOf(message, view.readSeq) : null;
    const shown = status === 'notSent' || isNewest ? status : null;
    rows.push(keep(message, shown, isDated(message.created_at), view));
  }
  view.entries.forEach((entry, index) => {
    const isLast = index === view.entries.length - 1;
    const waiting = view.isOff ? 'notTaken' : isLost ? 'queued' : 'sending';
    // A press that is being answered right now is no message: only one that waits or failed is told about.
    if (entry.launch && waiting === 'sending' && ['queued', 'sending'].includes(entry.state)) return;
    const at = new Date(entry.order).toISOString();
    rows.push({
      key: entry.client_id,
      at,
      isOurs: true,
      author: null,
      text: entry.text,
      attachments: entry.attachments,
      links: [],
      status:
        entry.state === 'failed' ? 'notSent' : isSlowed(entry, view) ? 'slowed' : isLast ? waiting : null,
      detail: entry.detail,
      mark: null,
      isDated: isDated(at),
    });
  });
  return rows;
}

/** A chat that is switched off asks to wait, too; the reason shown is the other one. */
const isSlowed = (entry: Entry, view: View) => entry.state === 'slowed' && !view.isOff;

function statusOf(message: Message, readSeq: number): Status {
  const status = message.delivery?.status;
  if (status === 'failed') return 'notSent';
  if (status === 'read' || message.seq <= readSeq) return 'read';
  return status === 'delivered' ? 'delivered' : 'sent';
}

function keep(message: Message, status: Status, isDated: boolean, { messages }: View): Row {
  const known = made.get(message);
  if (known && known.status === status && known.isDated === isDated) return known;
  const { text = '', attachments = [], buttons = [] } = message.content;
  const row: Row = {
    // The client_id first: the bubble stays the same element when the server's copy takes its place.
    key: message.client_id ?? message.id,
    at: message.created_at,
    isOurs: message.author.kind === 'client',
    author: message.author.name ?? null,
    text,
    quoted: messages.find(({ id }) => id === message.reply_to)?.content.text,
    attachments,
    links: buttons.flat().filter((button) => button.url && isWebAddress(button.url)),
    status,
    detail: null,
    mark: message.content.deleted ? 'deleted' : message.edited_at ? 'edited' : null,
    isDated,
  };
  made.set(message, row);
  return row;
}

function isWebAddress(url: string): boolean {
  return /^(https?|mailto|tel):/i.test(url);
}
