import { m } from '$lib/paraglide/messages';
import { count } from '$lib/shared/format';
import { channelName } from '$lib/shared/words';
import { opNames } from '$lib/auto-actions/words';
import type { Audience, FieldLeaf, Item, Leaf } from './contract';
import { isGroup, itemsOf, joinOf, leavesOf, wantsValue } from './document';
import { recipientName } from './words';

/** Names of what a condition only has the id of; empty where it is not known. */
export interface Names {
  field: (key: string) => string;
  connection: (id: string) => string;
  mailing: (id: string) => string;
  scenario: (id: string) => string;
  segment: (id: string) => string;
}

/** Who is meant, in one breath. */
export function audienceText(audience: Audience, names: Names): string {
  const items = itemsOf(audience);
  if (items.length === 0) return m.mailing_everybody();
  const said = listed(
    joinOf(audience),
    items.map((item) => itemText(item, names, items.length > 1)),
  );
  return said.charAt(0).toLocaleUpperCase() + said.slice(1);
}

function itemText(item: Item, names: Names, hasOthers: boolean): string {
  if (!isGroup(item)) return leafText(item, names);
  const leaves = leavesOf(item);
  const said = listed(
    joinOf(item),
    leaves.map((leaf) => leafText(leaf, names)),
  );
  return hasOthers && leaves.length > 1 && joinOf(item) === 'all'
    ? m.mailing_aud_group({ what: said })
    : said;
}

const listed = (join: 'all' | 'any', texts: string[]) =>
  texts.join(join === 'all' ? m.mailing_aud_and() : m.mailing_aud_or());

/** One condition. */
export function leafText(leaf: Leaf, names: Names): string {
  const what = plainText(leaf, names);
  return leaf.not ? m.mailing_aud_not({ what }) : what;
}

function plainText(leaf: Leaf, names: Names): string {
  if ('field' in leaf) return fieldText(leaf, names);
  if ('tag' in leaf) return m.mailing_aud_tag({ tag: leaf.tag });
  if ('channel' in leaf) return m.mailing_aud_channel({ channel: channelName(leaf.channel) });
  if ('connection_id' in leaf)
    return m.mailing_aud_connection({ title: names.connection(leaf.connection_id) });
  if ('last_seen' in leaf)
    return m.mailing_aud_last_seen({ count: leaf.within_days, shown: count(leaf.within_days) });
  if ('wrote' in leaf)
    return m.mailing_aud_wrote({ count: leaf.within_days, shown: count(leaf.within_days) });
  if ('segment_id' in leaf) return m.mailing_aud_segment({ name: names.segment(leaf.segment_id) });
  if ('report' in leaf) return m.mailing_aud_report({ scenario: names.scenario(leaf.report.scenario_id) });
  if ('mailing' in leaf) {
    const title = names.mailing(leaf.mailing.id) || m.mailing_aud_some_mailing();
    const { state } = leaf.mailing;
    if (!state) return m.mailing_aud_mailing({ title });
    return m.mailing_aud_mailing_state({ title, status: recipientName(state).toLocaleLowerCase() });
  }
  return m.mailing_aud_contacts({ count: leaf.contacts.length, shown: count(leaf.contacts.length) });
}

function fieldText({ field, op, value }: FieldLeaf, names: Names): string {
  const said = { field: names.field(field), op: opNames[op]() };
  if (!wantsValue(op)) return m.mailing_aud_field_bare(said);
  return m.mailing_aud_field({ ...said, value: [value ?? ''].flat().join(', ') });
}
