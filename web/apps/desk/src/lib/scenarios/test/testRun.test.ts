import { emptyDocument } from '@otklik/flow';
import { ApiError } from '@otklik/api';
import { describe, expect, it } from 'vitest';
import { linesOf, type Outcome, TestRun } from './testRun.svelte';

const outcome = (values: Partial<Outcome>): Outcome => ({
  sent: [],
  effects: [],
  consumed: null,
  waiting_at: { c1: null },
  fields: { c1: {} },
  ended: { c1: null },
  trace: [],
  ...values,
});
const question = { to: 'c1', block: 'b3', text: 'Phone?', buttons: [{ id: 'k1', label: 'Later' }] };
const document = emptyDocument();

/** A server that answers each event by its place. */
function runWith(answers: Outcome[], failAt = -1) {
  const asked: unknown[] = [];
  const run = new TestRun((body) => {
    asked.push(JSON.parse(JSON.stringify(body)));
    if (body.steps.length === failAt + 1) return Promise.reject(new ApiError(422, { code: 'invalid' }));
    return Promise.resolve({ steps: answers.slice(0, body.steps.length) });
  });
  return { run, asked };
}

describe('a test run', () => {
  it('asks for everything that has happened, each time anew', async () => {
    const first = outcome({
      sent: [question],
      waiting_at: { c1: 'b3' },
      trace: [{ scenario: 'main', block: 'b1', exit: 'else' }],
    });
    const second = outcome({ ended: { c1: 'done' }, fields: { c1: { phone: '+79125550142' } } });
    const { run, asked } = runWith([first, second]);
    await run.start(document);
    await run.say('89125550142');
    expect(
      asked.map((body) =>
        (body as { steps: { event: { type: string } }[] }).steps.map(({ event }) => event.type),
      ),
    ).toEqual([['start'], ['start', 'message']]);
    expect(run.ended).toBe('done');
    expect(run.known).toEqual([['phone', '+79125550142']]);
  });

  it('lights where it stands and the ways that it went', async () => {
    const { run } = runWith([
      outcome({ waiting_at: { c1: 'b3' }, trace: [{ scenario: 'main', block: 'b1', exit: 'else' }] }),
    ]);
    expect(run.lit).toBeNull();
    await run.start(document);
    expect(run.lit?.at).toBe('b3');
    expect([...(run.lit?.passed ?? [])]).toEqual(['b1']);
    expect(run.lit?.ways.has('b1 else')).toBe(true);
  });

  it('forgets an event that the server refused', async () => {
    const { run } = runWith([outcome({ waiting_at: { c1: 'b3' } })], 1);
    await run.start(document);
    await run.say('x');
    expect(run.events).toHaveLength(1);
    expect(run.error).toBeInstanceOf(ApiError);
    expect(run.busy).toBe(false);
  });

  it('skips to what is due', async () => {
    const { run, asked } = runWith([outcome({ next_due: 600 }), outcome({})]);
    await run.start(document);
    await run.skip();
    expect(asked.at(-1)).toMatchObject({ steps: [{}, { event: { type: 'tick', to: 600 } }] });
  });

  it('hears no answer that comes after it was reset', async () => {
    let answer = (_: { steps: Outcome[] }) => {};
    const run = new TestRun(() => new Promise((resolve) => (answer = resolve)));
    const started = run.start(document);
    run.reset();
    answer({ steps: [outcome({ waiting_at: { c1: 'b3' } })] });
    await started;
    expect([run.outcomes, run.busy, run.lit]).toEqual([[], false, null]);
  });

  it('keeps to the document that it began with until it is reset', async () => {
    const { run } = runWith([outcome({})]);
    await run.start(document);
    expect(run.document).toBe(document);
    run.reset();
    expect([run.document, run.events, run.lit]).toEqual([null, [], null]);
  });
});

it('shows the conversation, and lets only the question that waits be answered by its buttons', async () => {
  const { run } = runWith([
    outcome({ sent: [question], waiting_at: { c1: 'b3' } }),
    outcome({ sent: [question], effects: [{ kind: 'tag', block: 'b5' }], waiting_at: { c1: 'b3' } }),
  ]);
  await run.start(document);
  await run.say('never');
  expect(linesOf(run).map((line) => (line.of === 'bot' ? `bot ${line.isOpen}` : line.of))).toEqual([
    'bot false',
    'client',
    'bot true',
    'event',
  ]);
});
