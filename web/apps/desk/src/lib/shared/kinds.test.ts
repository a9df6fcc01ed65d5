import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { overwriteGetLocale } from '$lib/paraglide/runtime';
import { connectable, kindOf, kinds } from './kinds';
import { channelName } from './words';

const TOKENS = new URL('../../../../../packages/ui/src/tokens.css', import.meta.url);

it('offers the channels that can be connected, in the order of the contract', () => {
  expect(connectable.map(({ kind }) => kind)).toEqual(['telegram', 'email', 'youla', 'own']);
});

it('has a colour and a line for every kind', () => {
  const css = readFileSync(TOKENS, 'utf8');
  const wanted = Object.keys(kinds).flatMap((kind) => [
    `--ok-channel-${kind}:`,
    `--ok-channel-${kind}-line:`,
  ]);
  expect(wanted.filter((token) => !css.includes(token))).toEqual([]);
});

it('lives with a kind that a newer server knows', () => {
  overwriteGetLocale(() => 'ru');
  expect(channelName('youla')).toBe('Юла');
  expect(channelName('a-newer-kind')).toBe('a-newer-kind');
  expect(kindOf('a-newer-kind')).toBeUndefined();
});
