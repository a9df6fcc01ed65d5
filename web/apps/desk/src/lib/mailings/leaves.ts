import type { Field } from '@otklik/api';
import { m } from '$lib/paraglide/messages';
import { opNames } from '$lib/auto-actions/words';
import type { FieldOp, Leaf } from './contract';
import { wantsList, wantsValue } from './document';

/** What a condition may speak of, in the order of the menu. */
export const LEAF_KINDS = [
  'field',
  'tag',
  'channel',
  'connection',
  'last_seen',
  'wrote',
  'mailing',
  'segment',
  'contacts',
] as const;
/** A segment of a report comes from the report's own page only. */
export type LeafKind = (typeof LEAF_KINDS)[number] | 'report';

export const leafNames: Record<LeafKind, () => string> = {
  field: m.mailing_leaf_field,
  tag: m.mailing_leaf_tag,
  channel: m.mailing_leaf_channel,
  connection: m.mailing_leaf_connection,
  last_seen: m.mailing_leaf_last_seen,
  wrote: m.mailing_leaf_wrote,
  mailing: m.mailing_leaf_mailing,
  segment: m.mailing_leaf_segment,
  contacts: m.mailing_leaf_contacts,
  report: m.mailing_leaf_report,
};

export function kindOfLeaf(leaf: Leaf): LeafKind {
  if ('field' in leaf) return 'field';
  if ('tag' in leaf) return 'tag';
  if ('channel' in leaf) return 'channel';
  if ('connection_id' in leaf) return 'connection';
  if ('last_seen' in leaf) return 'last_seen';
  if ('wrote' in leaf) return 'wrote';
  if ('mailing' in leaf) return 'mailing';
  if ('segment_id' in leaf) return 'segment';
  return 'contacts' in leaf ? 'contacts' : 'report';
}

const DAYS = 30;

/** A condition of this kind that nobody has written anything into. */
export function freshLeaf(kind: LeafKind, fields: readonly Field[]): Leaf {
  switch (kind) {
    case 'tag':
      return { tag: '' };
    case 'channel':
      return { channel: '' };
    case 'connection':
      return { connection_id: '' };
    case 'last_seen':
      return { last_seen: true, within_days: DAYS };
    case 'wrote':
      return { wrote: true, within_days: DAYS };
    case 'mailing':
      return { mailing: { id: '' } };
    case 'segment':
      return { segment_id: '' };
    case 'contacts':
      return { contacts: [] };
    default:
      return { field: fields[0]?.key ?? '', op: opsOf(fields[0])[0] ?? 'is', value: '' };
  }
}

const TEXT: readonly FieldOp[] = [
  'is',
  'is_not',
  'contains',
  'not_contains',
  'starts_with',
  'ends_with',
  'in',
  'not_in',
  'is_filled',
  'is_empty',
];
const NUMBER: readonly FieldOp[] = ['is', 'is_not', 'at_least', 'at_most', 'below', 'is_filled', 'is_empty'];
const DATE: readonly FieldOp[] = ['at_least', 'at_most', 'is', 'is_filled', 'is_empty'];
const CHOICE: readonly FieldOp[] = ['is', 'is_not', 'in', 'not_in', 'is_filled', 'is_empty'];
const YES_NO: readonly FieldOp[] = ['is', 'is_filled', 'is_empty'];

/** How a field of its kind may be compared, the usual way first. */
export function opsOf(field: Field | undefined): readonly FieldOp[] {
  if (field?.kind === 'number') return NUMBER;
  if (field?.kind === 'date' || field?.kind === 'datetime') return DATE;
  if (field?.kind === 'list' || field?.kind === 'multi_list') return CHOICE;
  return field?.kind === 'bool' ? YES_NO : TEXT;
}

export function opName(op: FieldOp, field: Field | undefined): string {
  const isDate = field?.kind === 'date' || field?.kind === 'datetime';
  if (isDate && op === 'at_least') return m.mailing_op_since();
  if (isDate && op === 'at_most') return m.mailing_op_until();
  return opNames[op]();
}

/** Another comparison keeps what is compared with, as far as it fits. */
export function withOp(leaf: Leaf & { field: string }, op: FieldOp): Leaf {
  const { value: was, ...rest } = leaf as Leaf & { field: string; value?: string | string[] };
  const first = [was ?? ''].flat()[0] ?? '';
  if (!wantsValue(op)) return { ...rest, op } as Leaf;
  return { ...rest, op, value: wantsList(op) ? [was ?? []].flat().filter(Boolean) : first } as Leaf;
}
