import { m } from '$lib/paraglide/messages';
import { handOver } from '$lib/shared/download';
import { channelName } from '$lib/shared/words';
import type { Recipient } from './contract';
import { reasonName, recipientName } from './words';

/** A cell that no table program takes for a formula, and whose quotes are its own. */
const cell = (text: string) => `"${text.replace(/^[=+@\t\r-]/, "'$&").replaceAll('"', '""')}"`;

/** Recipients as a table. */
export function csvOf(recipients: readonly Recipient[]): string {
  const head = [
    m.mailing_client(),
    m.mailing_col_contact(),
    m.mailing_col_id(),
    m.mailing_leaf_channel(),
    m.mailing_col_state(),
    m.mailing_required_reason(),
    m.mailing_col_created(),
    m.mailing_col_sent(),
    m.mailing_text(),
  ];
  const rows = recipients.map((one) => [
    one.name,
    one.handle,
    one.contact_id,
    one.channel ? channelName(one.channel) : '',
    recipientName(one.state),
    one.reason ? reasonName(one.reason) : '',
    one.created_at,
    one.sent_at ?? '',
    one.text ?? '',
  ]);
  return `\uFEFF${[head, ...rows].map((row) => row.map(cell).join(',')).join('\r\n')}\r\n`;
}

/** Hands them to the person as a file. */
export const saveRecipients = (recipients: readonly Recipient[], name: string) =>
  handOver(new Blob([csvOf(recipients)], { type: 'text/csv;charset=utf-8' }), `${name}.csv`);
