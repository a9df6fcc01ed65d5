import { describe, expect, it } from 'vitest';
import { choose, holds, pageFacts, share, type Facts, type Rule, type RuleSet, type Situation } from '../src';
import { punycode } from '../src/punycode';
import { fold } from '../src/text';

function rule(id: string, more: Partial<Rule> = {}): Rule {
  return { id, start: 'page', when: { all: [] }, do: [], ...more };
}

function situation(rules: Rule[], more: Partial<Situation> = {}): Situation {
  const set: RuleSet = { zone: [[0, 10_800]], rules };
  return { set, facts: {}, now: Date.UTC(2026, 10, 28, 12), shown: [], ...more };
}

describe('Punycode', () => {
  // Samples of RFC 3492, section 7.1, and of names that are in use.
  it.each([
    ['80aairftm', 'магазин'],
    ['p1ai', 'рф'],
    ['bcher-kva', 'bücher'],
    ['ihqwcrb4cv8a8dqg056pqjye', '他们为什么不说中文'],
    ['egbpdaj6bu4bxfgehfvwxn', 'ليهمابتكلموشعربي؟'],
    ['4dbcagdahymbxekheh6e0a7fei0b', 'למההםפשוטלאמדבריםעברית'],
    ['b1abfaaepdrnnbgefbadotcwatmq2g4l', 'почемужеонинеговорятпорусски'],
    ['-> $1.00 <--', '-> $1.00 <-'],
    ['i-7iq', 'i❤'],
  ])('reads %s', (coded, plain) => {
    expect(punycode(coded)).toBe(plain);
  });

  it.each(['', '-', 'я', '99999999999', 'a-99999999', 'p', '!!!'])(
    'refuses %s or leaves nothing of it',
    (coded) => {
      expect(punycode(coded) || undefined).toBeUndefined();
    },
  );
});

describe('a page', () => {
  it('says its address, its path and its parameters', () => {
    expect(pageFacts('https://shop.ru/%D0%B0?q=%D0%B1+c&q=2&=x&e#f?g=1')).toEqual({
      page_url: 'https://shop.ru/%D0%B0?q=%D0%B1+c&q=2&=x&e#f?g=1',
      page_path: '/%D0%B0',
      'query.q': 'б c',
      'query.e': '',
    });
  });

  it('says nothing while it has no address', () => {
    expect(pageFacts(' ')).toEqual({});
  });
});

describe('a share', () => {
  it("is the server's", () => {
    expect(['vis_1', 'vis_2', 'vis_3'].map((visitor) => share(visitor, 'aut_1'))).toEqual([47, 66, 57]);
  });

  it('parts visitors evenly, and differently for each rule', () => {
    const visitors = Array.from({ length: 10_000 }, (_, number) => `vis_${number}`);
    const isIn = (visitor: string, id: string) => share(visitor, id) < 50;
    const first = visitors.filter((visitor) => isIn(visitor, 'aut_1'));
    const both = first.filter((visitor) => isIn(visitor, 'aut_2'));
    expect(Math.abs(first.length - 5_000)).toBeLessThan(200);
    expect(Math.abs(both.length - 2_500)).toBeLessThan(200);
  });

  it('is unknown while nobody knows the visitor', () => {
    const below = rule('a', { when: ['share', 'lt', 100] });
    expect(holds(below, situation([below]))).toBe(false);
    expect(holds(below, situation([below], { visitor: 'vis_1' }))).toBe(true);
  });
});

describe('text', () => {
  it('is folded where it is not ASCII, too', () => {
    expect(fold('  ΣΑΣ \n Straße ')).toBe('σασ strasse');
    expect(fold('ISI')).not.toBe(fold('ısı'));
  });
});

describe('rules', () => {
  it('hold the same whoever decided before', () => {
    const when: Rule['when'] = {
      all: [
        ['visits', 'ge', 2],
        {
          any: [
            ['tag', 'eq', ['vip']],
            ['device', 'eq', ['phone']],
          ],
        },
        ['returning', 'flag', true],
      ],
    };
    const moments: Facts[] = [];
    for (const visits of [1, 2])
      for (const tag of [[], ['vip']])
        for (const device of ['phone', 'desktop'])
          for (const returning of [true, false]) moments.push({ visits, tag, device, returning });
    const asked = rule('a', { when: structuredClone(when) });
    // Each after each: what one leaves behind must not change what another says.
    for (const before of moments)
      for (const facts of moments) {
        holds(asked, situation([asked], { facts: before }));
        const fresh = rule('a', { when: structuredClone(when) });
        const wanted = holds(fresh, situation([fresh], { facts }));
        expect(holds(asked, situation([asked], { facts })), JSON.stringify([before, facts])).toBe(wanted);
      }
  });

  it('that do not hold are told from the others by what decided last', () => {
    const read: string[] = [];
    const facts = (more: Facts) =>
      new Proxy(more, { get: (held, name: string) => (read.push(name), held[name]) });
    const long = rule('a', {
      when: {
        all: [
          ['visits', 'ge', 2],
          ['device', 'eq', ['desktop']],
          ['returning', 'flag', true],
        ],
      },
    });
    const moment = { visits: 2, device: 'desktop', returning: false };
    holds(long, situation([long], { facts: facts(moment) }));
    // What decided is read once more, to be kept.
    expect(read.splice(0)).toEqual(['visits', 'device', 'returning', 'returning']);
    // Once, to see that it has not changed.
    holds(long, situation([long], { facts: facts(moment) }));
    expect(read).toEqual(['returning']);
  });

  it('that hang on the hour or the visitor are asked again, whatever has not changed', () => {
    const noon = rule('a', { when: { all: [['time', 'in', [127, 720, 780]]] } });
    const half = rule('b', { when: { all: [['share', 'lt', 50]] } });
    const at = (hour: number) => holds(noon, situation([noon], { now: hour * 3_600_000 }));
    // The clock of these rules is three hours ahead.
    expect([9, 12, 9, 12].map(at)).toEqual([true, false, true, false]);
    const answers = Array.from({ length: 40 }, (_, n) =>
      holds(half, situation([half], { visitor: `v${n}` })),
    );
    expect(new Set(answers)).toEqual(new Set([true, false]));
  });

  it('with an operator of a later version hold for nobody', () => {
    for (const op of ['sounds_like', '!sounds_like']) {
      const later = rule('a', { when: ['page_title', op, ['a']] });
      expect(choose(situation([later], { facts: { page_title: 'a' } })), op).toBeUndefined();
    }
  });

  it('whose limit is spent are not asked', () => {
    const facts = new Proxy({}, { get: () => expect.unreachable('a fact is read') });
    const spent = rule('a', { limit: ['e', 1], when: ['visits', 'ge', 1] });
    expect(choose(situation([spent], { facts, shown: [['a', 1]] }))).toBeUndefined();
  });
});
