import { parseTable } from '$lib/clients/csv';
import { m } from '$lib/paraglide/messages';
import { handOver } from '$lib/shared/download';
import { channelName } from '$lib/shared/words';
import { reasonName, recipientName } from './words';

const heads: Record<string, () => string> = {
  contact_id: m.mailing_col_id,
  name: m.mailing_client,
  handle: m.mailing_col_contact,
  channel: m.mailing_leaf_channel,
  state: m.mailing_col_state,
  reason: m.mailing_required_reason,
  created_at: m.mailing_col_created,
  sent_at: m.mailing_col_sent,
  state_at: m.mailing_col_since,
  answered: m.mailing_rec_answered,
  text: m.mailing_text,
};
const values: Record<string, (value: string) => string> = {
  channel: channelName,
  state: recipientName,
  reason: reasonName,
  answered: (value) => (value === 'true' ? m.yes() : m.no()),
};

/** The server's table of recipients, in the reader's words. */
export function inWords(table: string): string {
  const [columns = [], ...rows] = parseTable(table);
  const said = rows
    .filter((row) => row.length === columns.length)
    .map((row) => row.map((value, index) => (value ? (values[columns[index] ?? '']?.(value) ?? value) : '')));
  const lines = [columns.map((column) => heads[column]?.() ?? column), ...said];
  return `\uFEFF${lines.map((row) => row.map(quoted).join(',')).join('\r\n')}\r\n`;
}

/** Hands them to the person as a file. */
export const saveRecipients = (table: string, name: string) =>
  handOver(new Blob([inWords(table)], { type: 'text/csv;charset=utf-8' }), `${name}.csv`);

/** Who stands in the server's table. */
export function contactsIn(table: string): string[] {
  const [columns = [], ...rows] = parseTable(table);
  const column = columns.indexOf('contact_id');
  return [...new Set(rows.map((row) => row[column] ?? '').filter(Boolean))];
}

const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
