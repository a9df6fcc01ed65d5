import { describe, expect, it } from 'vitest';
import {
  type Block,
  blockOf,
  type Clip,
  duplicate,
  type FlowDocument,
  History,
  emptyDocument,
  paste,
  readClip,
  take,
  writeClip,
} from '../src';
import { sample } from './sample';

const here = { project: 'p1', scenario: 's1' };
const elsewhere = { project: 'p2', scenario: 's2' };
const through = (document: FlowDocument, ids: string[]) =>
  readClip(writeClip(take(document, ids, here))) as Clip;
const withBlock = (block: Block): FlowDocument => ({ ...emptyDocument(), blocks: [block] });

describe('copy and paste', () => {
  it('keeps the edges inside and drops those that lead out', () => {
    const { document, ids } = paste(sample(), through(sample(), ['b2', 'b3']), [1_000, 500], here);
    expect(ids).toEqual(['b5', 'b6']);
    expect(document.edges.filter(({ from }) => ids.includes(from[0]))).toEqual([
      { from: ['b5', 'correct'], to: 'b6' },
    ]);
  });

  it('puts the corner at the pointer, on the grid', () => {
    const { document } = paste(sample(), through(sample(), ['b2', 'b4']), [1_003, 500], here);
    expect(blockOf(document, 'b5')?.pos).toEqual([1_008, 496]);
    expect(blockOf(document, 'b6')?.pos).toEqual([1_328, 704]);
  });

  it('shares nothing with what was copied', () => {
    const start = sample();
    const { document } = duplicate(start, ['b2']);
    (blockOf(document, 'b5') as Block<'message'>).settings.wait = { expect: 'email' };
    expect((blockOf(start, 'b2') as Block<'message'>).settings.wait?.expect).toBe('phone');
  });

  it('is one step back', () => {
    const history = new History(sample());
    history.push(paste(history.present, through(sample(), ['b1', 'b2', 'b3']), [0, 0], here).document);
    history.undo();
    expect(history.present).toEqual(sample());
    expect(history.canUndo).toBe(false);
  });

  it('leads a jump to the copy of its target, and nowhere in another scenario', () => {
    const target = (document: FlowDocument, id: string) =>
      (blockOf(document, id) as Block<'jump'>).settings.target;
    expect(target(paste(sample(), through(sample(), ['b2', 'b4']), [0, 0], here).document, 'b6')).toBe('b5');
    expect(target(paste(sample(), through(sample(), ['b4']), [0, 0], here).document, 'b5')).toBe('b2');
    expect(target(paste(sample(), through(sample(), ['b4']), [0, 0], elsewhere).document, 'b5')).toBe('');
  });

  it('carries no secrets', () => {
    const settings = {
      request: 'crm',
      method: 'POST',
      url: 'https://user:hush@crm.example/x?api_key=hush&page=2&sign_token={{secret.crm}}',
      headers: {
        Authorization: 'Bearer hush',
        'Content-Type': 'application/json',
        'X-Key': '{{secret.crm}}',
      },
    };
    const text = writeClip(take(withBlock({ id: 'b1', type: 'http', pos: [0, 0], settings }), ['b1'], here));
    expect(text).not.toContain('hush');
    expect(text).toContain('page=2');
    expect(text).toContain('application/json');
    expect(text.match(/secret\.crm/g)).toHaveLength(2);
    const twin = duplicate(withBlock({ id: 'b1', type: 'http', pos: [0, 0], settings }), ['b1']);
    expect((blockOf(twin.document, 'b2') as Block<'http'>).settings.headers?.Authorization).toBe(
      'Bearer hush',
    );
  });

  it('leaves the ids of a project in it', () => {
    const blocks: Block[] = [
      { id: 'b1', type: 'message', pos: [0, 0], settings: { text: 'x', files: ['fil_1'] } },
      { id: 'b2', type: 'assign', pos: [0, 0], settings: { to: 'usr_1' } },
      { id: 'b3', type: 'call', pos: [0, 0], settings: { scenario: 'sc_1' } },
      { id: 'b4', type: 'transfer', pos: [0, 0], settings: { to: 'usr_1', text: 'y' } },
    ];
    const clip = through({ ...emptyDocument(), blocks }, ['b1', 'b2', 'b3', 'b4']);
    const settings = (at: typeof here) =>
      JSON.stringify(paste(emptyDocument(), clip, [0, 0], at).document.blocks.map((block) => block.settings));
    expect(settings(elsewhere)).not.toMatch(/usr_1|sc_1|fil_1/);
    expect(settings(here).match(/usr_1|sc_1|fil_1/g)).toHaveLength(4);
  });
});

describe('a clipboard of somebody else', () => {
  it.each([
    ['', 'foreign'],
    ['Good morning', 'foreign'],
    ['null', 'foreign'],
    ['[1,2]', 'foreign'],
    ['{"otklik":"flow-blocks"}', 'broken'],
    ['{"otklik":"flow-blocks","version":9,"blocks":[],"edges":[]}', 'newer'],
    ['{"otklik":"flow-blocks","version":1,"blocks":[],"edges":[]}', 'broken'],
    ['{"otklik":"flow-blocks","version":1,"blocks":[{"id":1}],"edges":[]}', 'broken'],
    ['{"otklik":"flow-blocks","version":1,"blocks":[{"id":"b1","type":"rocket"}],"edges":[]}', 'broken'],
    [
      '{"otklik":"flow-blocks","version":1,"blocks":[{"id":"b1","type":"end"}],"edges":[{"from":"b1"}]}',
      'broken',
    ],
  ])('%s is %s', (text, problem) => {
    expect(readClip(text)).toBe(problem);
  });
});
