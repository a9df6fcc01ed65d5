import type { Message } from '@otklik/api';
import { m } from '$lib/paraglide/messages';

const LONGEST = 160;

/** Who said it, as a quote names them. */
export function authorName({ author }: Message): string {
  if (author.name) return author.name;
  return author.kind === 'bot' ? m.bot() : author.kind === 'client' ? m.visitor() : m.msg_team();
}

/** What it said, on a line or two. */
export function quoteText({ content }: Message): string {
  if (content.deleted) return m.msg_deleted();
  const text = content.text.replace(/\s+/g, ' ').trim();
  if (text) return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
  const file = content.attachments[0];
  return file ? `${m.file()}: ${file.name}` : '';
}

/** What goes with the words: whom a note names, which message is answered. */
export interface Beside {
  mentions?: string[];
  answered?: string | null;
}
