import { describe, expect, it } from 'vitest';
import { answers, choose, holds, stoppedBy, type Rule } from '../src';
import { askedOf, situationOf, table } from './table';

const conditions = table.filter(({ holds }) => holds !== undefined);
const choices = table.filter(({ chosen }) => chosen !== undefined);

describe('the table of cases, asked in the browser', () => {
  it('is whole', () => {
    expect(conditions.length).toBeGreaterThan(400);
    expect(choices.length).toBeGreaterThan(50);
    expect(conditions.length + choices.length).toBe(table.length);
  });

  it.each(conditions)('$name', (recorded) => {
    const rule = recorded.set.rules[0] as Rule;
    expect(answers(rule, askedOf(recorded))).toEqual(recorded.answers);
    expect(holds(rule, askedOf(recorded))).toBe(recorded.holds);
  });

  it.each(choices)('$name', (recorded) => {
    const situation = situationOf(recorded);
    expect(choose(situation)?.id ?? null).toBe(recorded.chosen);
    const stopped = recorded.set.rules.map((rule) => [rule.id, stoppedBy(rule, situation)]);
    expect(Object.fromEntries(stopped)).toEqual(recorded.stopped);
  });
});
