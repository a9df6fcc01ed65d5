import { expect, test } from 'vitest';
import { madeOnce, ownData } from './pageData';

test('the data of another page is not taken', () => {
  let data: { mailingId?: string } = { mailingId: 'one' };
  const own = ownData(() => data, 'mailingId');
  expect(own().mailingId).toBe('one');
  data = {};
  expect(own().mailingId).toBe('one');
  data = { mailingId: 'two' };
  expect(own().mailingId).toBe('two');
});

test('one thing is made for each value, however often it is asked for', () => {
  let id = 'one';
  const held = madeOnce(
    () => id,
    (of) => ({ of }),
  );
  const first = held();
  expect(held()).toBe(first);
  id = 'two';
  expect(held()).toEqual({ of: 'two' });
});
