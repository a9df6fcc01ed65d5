import { beforeEach, expect, it } from 'vitest';
import { Edits, unsaved, type Answer } from './unsaved.svelte';

let text = 'before';
let isShown = true;
let saved: string[] = [];
let save: (() => Promise<boolean>) | undefined;
let forget = () => {};

beforeEach(() => {
  forget();
  [text, isShown, saved] = ['before', true, []];
  save = () => {
    saved.push(text);
    return Promise.resolve(true);
  };
});

function begin(): Edits<string> {
  const edits = new Edits({ values: () => text, put: (was) => (text = was), save, shown: () => isShown });
  forget = unsaved.register(edits);
  return edits;
}

/** Answers the question that is asked meanwhile. */
async function leave(answer: Answer): Promise<boolean> {
  const way = unsaved.leave();
  await new Promise((resolve) => setTimeout(resolve));
  expect(unsaved.question).not.toBeNull();
  unsaved.question?.answer(answer);
  return way;
}

it('asks nothing without edits, about a form that is not shown, and about one that has gone', async () => {
  begin();
  expect(await unsaved.leave()).toBe(true);
  text = 'after';
  isShown = false;
  expect(await unsaved.leave()).toBe(true);
  isShown = true;
  expect(unsaved.dirty).toBe(true);
  forget();
  expect(await unsaved.leave()).toBe(true);
});

it('takes back what was typed when it is left without saving', async () => {
  begin();
  text = 'after';
  expect(await leave('discard')).toBe(true);
  expect([text, saved, unsaved.dirty]).toEqual(['before', [], false]);
});

it('keeps everything where it is for whoever stays', async () => {
  begin();
  text = 'after';
  expect(await leave('stay')).toBe(false);
  expect([text, saved, unsaved.dirty]).toEqual(['after', [], true]);
});

it('goes on when everything is saved, and stays where something is refused', async () => {
  const edits = begin();
  text = 'after';
  expect(await leave('save')).toBe(true);
  expect(saved).toEqual(['after']);
  edits.settle();
  forget();
  save = () => Promise.resolve(false);
  begin();
  text = 'refused';
  expect(await leave('save')).toBe(false);
  expect(text).toBe('refused');
});

it('offers no saving where a form cannot be saved in passing', async () => {
  save = undefined;
  begin();
  text = 'after';
  const way = unsaved.leave();
  await new Promise((resolve) => setTimeout(resolve));
  expect(unsaved.question?.canSave).toBe(false);
  unsaved.question?.answer('stay');
  await way;
});

it('waits for what is being saved already, and asks only if that failed', async () => {
  let end: (() => void) | undefined;
  const form = {
    dirty: true,
    saving: new Promise<void>((resolve) => (end = resolve)),
    discard: () => {},
  };
  forget = unsaved.register(form);
  const way = unsaved.leave();
  form.dirty = false;
  end?.();
  expect(await way).toBe(true);
  expect(unsaved.question).toBeNull();
});

it('takes a second try to leave for an answer to the first', async () => {
  begin();
  text = 'after';
  const first = unsaved.leave();
  await new Promise((resolve) => setTimeout(resolve));
  const second = leave('discard');
  expect(await first).toBe(false);
  expect(await second).toBe(true);
});
