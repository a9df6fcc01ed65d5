import { describe, expect, it } from 'vitest';
import {
  blockOf,
  exitsOf,
  kinds,
  readDocument,
  isBlockType,
  templates,
  templateWords,
  type TemplateWord,
} from '../src';
import { readDuration, secondsOf, writeDuration } from '../src';

describe.each(templates.map((template) => [template.id, template] as const))('template %s', (_, template) => {
  const document = template.build((word) => `«${word}»`);

  it('leads from exits that there are to blocks that there are', () => {
    for (const { from, to } of document.edges) {
      const block = blockOf(document, from[0]);
      expect(block && exitsOf(block).map(({ id }) => id)).toContain(from[1]);
      expect(blockOf(document, to)).toBeDefined();
    }
    expect(document.launch.map(({ to }) => blockOf(document, to))).not.toContain(undefined);
  });

  it('reaches every block', () => {
    const seen = new Set(document.launch.map(({ to }) => to));
    for (const id of seen) for (const { from, to } of document.edges) if (from[0] === id) seen.add(to);
    expect(document.blocks.map(({ id }) => id).filter((id) => !seen.has(id))).toEqual([]);
  });

  it('names the fields it needs', () => {
    const known = ['phone', ...template.needs.map(({ key }) => key)];
    const used = JSON.stringify(document).match(/"(?:field|save_to)":"([^"]+)"/g) ?? [];
    expect(
      used.map((text) => /:"([^"]+)"/.exec(text)?.[1]).filter((key) => !known.includes(key ?? '')),
    ).toEqual([]);
  });

  it('comes back from a file as it was', () => {
    expect(readDocument(JSON.stringify(document), isBlockType)).toEqual(document);
  });
});

it('says every word in some template', () => {
  const said = new Set<TemplateWord>();
  for (const { build, needs } of templates) {
    build((word) => (said.add(word), word));
    needs.forEach(({ title }) => said.add(title));
  }
  expect(templateWords.filter((word) => !said.has(word))).toEqual([]);
});

it('begins a launch without a block with the first one', () => {
  const document = readDocument(
    '{"schema":1,"launch":[{"kind":"api"}],"blocks":[{"id":"b7","type":"end"}]}',
    isBlockType,
  );
  expect(document?.launch).toEqual([{ kind: 'api', to: 'b7' }]);
  expect(document?.blocks[0]?.pos).toEqual([0, 0]);
});

it.each(['', '{', '[]', '{"schema":2,"blocks":[]}', '{"schema":1,"blocks":[{"id":"b1","type":"rocket"}]}'])(
  'takes no other file for a scenario: %s',
  (text) => expect(readDocument(text, isBlockType)).toBeNull(),
);

it('reads and writes durations', () => {
  expect(secondsOf('PT1H30M')).toBe(5_400);
  expect(readDuration('PT10M')).toEqual({ count: 10, unit: 'M' });
  expect(readDuration('PT7200S')).toEqual({ count: 2, unit: 'H' });
  expect(readDuration('P7D')).toEqual({ count: 7, unit: 'D' });
  for (const bad of ['', 'P', 'PT', '10m', undefined]) expect(readDuration(bad)).toBeNull();
  for (const text of ['PT5S', 'PT10M', 'PT2H', 'P3D'])
    expect(writeDuration(readDuration(text) ?? { count: 0, unit: 'S' })).toBe(text);
});

it('has a group and a picture for every block', () => {
  for (const info of Object.values(kinds)) expect(info.group && info.icon).toBeTruthy();
});
