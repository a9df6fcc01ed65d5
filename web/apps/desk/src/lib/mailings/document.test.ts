import { expect, it } from 'vitest';
import type { MailingDocument } from './contract';
import { copyOf, sendable } from './document';

const document: MailingDocument = {
  title: 'Зимний свет ',
  audience: {
    all: [
      { tag: 'опт' },
      { tag: ' ' },
      { any: [{ field: 'city', op: 'is', value: '' }] },
      { any: [{ field: 'city', op: 'is_filled' }, { channel: '' }] },
    ],
  },
  matching_only: false,
  body: { text: 'Лампы' },
  channels: ['telegram'],
  fallback: true,
  schedule: { at: '2026-12-03T10:00', zone: 'client', quiet: null, last: null },
  pace_per_minute: null,
  frequency: null,
  required: null,
  opt_out_line: true,
};

it('keeps conditions that are still being written to itself', () => {
  expect(sendable(document).audience).toEqual({
    all: [{ tag: 'опт' }, { any: [{ field: 'city', op: 'is_filled' }] }],
  });
});

it('sends nothing where nothing is chosen, but says that there are no quiet hours', () => {
  const sent = sendable(document);
  expect(sent.title).toBe('Зимний свет');
  expect(sent.schedule).toEqual({ at: '2026-12-03T10:00', zone: 'client', quiet: null });
  expect(Object.keys(sent)).not.toContain('pace_per_minute');
});

it('copies everything but the time', () => {
  expect(copyOf(document, 'Копия').schedule).toEqual({ zone: 'client', quiet: null });
});
