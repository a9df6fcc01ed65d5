import { describe, expect, it } from 'vitest';
import { blocksOf, flow, say, take, waysOf } from './typebotFile';

const options = (type: string, values: object = {}) => ({ type, options: values });

describe('groups, events and versions', () => {
  it('makes a chain of a group, under its title, where it stood', () => {
    const { document } = take(flow(say('a'), say('b')));
    const [a, b] = document.blocks;
    expect([a?.title, b?.title]).toEqual(['Main', undefined]);
    expect(a?.pos).toEqual([96, 64]);
    expect(b?.pos[0]).toBe(96);
    expect(b?.pos[1]).toBeGreaterThan(128);
    expect(waysOf(document, 'b1')).toEqual({ next: 'b' });
    expect(document.launch).toEqual([{ kind: 'first_message', to: 'b1' }]);
    expect(document.name).toBe('Проба');
  });

  it('follows an edge to a block in the middle of a group', () => {
    const { document } = take(flow({ ...say('a'), outgoingEdgeId: 'e4' }));
    expect(waysOf(document, 'b1')).toEqual({ next: 'more' });
  });

  it('leads to the question where an edge leads to its bubble or its input', () => {
    for (const blockId of ['say ?', 'x']) {
      const file = flow(
        say('?'),
        { id: 'x', type: 'text input' },
        options('Jump', { groupId: 'g1', blockId }),
      );
      expect(take(file).document.blocks[1]?.settings).toEqual({ target: 'b1' });
    }
  });

  it('launches commands by their word, and says what has no rule here', () => {
    const file = {
      ...flow(say('a')),
      events: [
        { id: 'ev', type: 'start', outgoingEdgeId: 'e1' },
        { id: 'c', type: 'command', outgoingEdgeId: 'e2', options: { command: 'menu' } },
        { id: 'r', type: 'reply', outgoingEdgeId: 'e3' },
        { id: 'i', type: 'invalidReply' },
      ],
    };
    const { document, warnings } = take(file);
    expect(document.launch).toEqual([
      { kind: 'first_message', to: 'b1' },
      { kind: 'keyword', words: ['menu'], match: 'whole', to: 'b2' },
    ]);
    expect(warnings.filter(({ code }) => code === 'reply_event').map(({ detail }) => detail)).toEqual([
      'reply',
      'invalidReply',
    ]);
  });

  it.each(['3', '4', '5'])('reads version %s, whose start is a block', (version) => {
    const { events: _, ...rest } = flow(say('a'), {
      id: 'x',
      type: 'text',
      content: { html: '<b>b</b><br>&amp;' },
    });
    const start = {
      id: 'g0',
      title: 'Start',
      graphCoordinates: { x: 0, y: 0 },
      blocks: [{ id: 's', type: 'start', label: 'Start', outgoingEdgeId: 'e1' }],
    };
    const groups = [start, ...(rest.groups as object[])];
    const { document, counts, warnings } = take({ ...rest, version, groups });
    expect(document.launch).toEqual([{ kind: 'first_message', to: 'b1' }]);
    expect(blocksOf(say('a')).length).toBe(1);
    expect(document.blocks[1]?.settings).toEqual({ text: 'b\n&' });
    expect(counts).toEqual({ groups: 3, blocks: 5, direct: 5, partly: 0, placeholders: 0 });
    expect(warnings.map(({ code }) => code)).not.toContain('newer_version');
  });

  it('reads a newer version and says so', () => {
    const { warnings } = take({ ...flow(say('a')), version: '7' });
    expect(warnings).toContainEqual({ code: 'newer_version', detail: '7' });
  });

  it('counts what was taken over', () => {
    const file = flow(say('a'), options('openai'), options('Return'));
    expect(take(file).counts).toEqual({ groups: 3, blocks: 6, direct: 4, partly: 1, placeholders: 1 });
  });
});
