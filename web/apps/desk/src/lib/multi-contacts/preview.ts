import type { PreviewContact, RulesPreview } from '@otklik/api';

type Loose<T> = T | string;

/** A contact may come as a bare id: the largest groups are counted, not all looked up. */
function person(contact: Loose<PreviewContact>): PreviewContact {
  return typeof contact === 'string' ? { id: contact, name: null, handle: contact, channel: 'api' } : contact;
}

/** Values of several fields come as a list, of one field perhaps as text. */
function parts(value: Loose<string[]>): string[] {
  return Array.isArray(value) ? value : [value];
}

/** The preview as the panel shows it, whichever spelling the server chose. */
export function readPreview(answer: RulesPreview): RulesPreview {
  return {
    ...answer,
    largest: answer.largest.map((group) => ({ ...group, contacts: group.contacts.map(person) })),
    conflicts: {
      count: answer.conflicts.count,
      samples: answer.conflicts.samples.map((one) => ({ ...one, contacts: one.contacts.map(person) })),
    },
    separated: answer.separated.map(({ a, b }) => ({ a: person(a), b: person(b) })),
    hub_values: answer.hub_values.map((hub) => ({ ...hub, value: parts(hub.value) })),
    samples: answer.samples.map((sample) => ({
      ...sample,
      a: person(sample.a),
      b: person(sample.b),
      values: sample.values.map((entry) =>
        Array.isArray(entry) ? { field: entry[0], value: entry[1] } : entry,
      ),
    })),
  };
}
