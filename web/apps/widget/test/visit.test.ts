import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { factsOf, factsToTell } from '../src/rules/facts';
import { compare, Log } from '../src/rules/shown';
import { SILENCE_MS } from '../src/presence/visit';
import { Stopwatch, Visit } from '../src/rules/visit';
import { PREFIX } from './fakes';

const MINUTE = 60_000;

beforeEach(() => vi.useFakeTimers({ now: Date.UTC(2026, 10, 28, 12) }));
afterEach(() => vi.useRealTimers());

function visited(store: Record<string, string> = {}) {
  return { store, visit: new Visit(store, PREFIX) };
}

describe('a visit', () => {
  it('goes on over pages and tabs, and ends after half an hour of silence', () => {
    const { store, visit } = visited();
    visit.page('https://shop.example/');
    const { since } = visit.state;
    vi.advanceTimersByTime(29 * MINUTE);
    const tab = new Visit(store, PREFIX);
    expect(tab.touch()).toBe(false);
    tab.page('https://shop.example/lamps');
    vi.advanceTimersByTime(29 * MINUTE);
    expect(visit.touch()).toBe(false);
    expect(visit.state).toMatchObject({ visits: 1, pages: 2, since });
    vi.advanceTimersByTime(SILENCE_MS + 1);
    expect(visit.touch()).toBe(true);
    expect(visit.state).toMatchObject({ visits: 2, pages: 0, seconds: 0, events: {}, since: Date.now() });
  });

  it('does not live on because somebody put the clock back', () => {
    const { visit } = visited();
    visit.page('https://shop.example/');
    vi.setSystemTime(Date.now() - 24 * 60 * MINUTE);
    expect(visit.touch()).toBe(true);
    expect(visit.state.visits).toBe(2);
  });

  it('keeps the utm of its first page that had any', () => {
    const { visit } = visited();
    visit.page('https://shop.example/?q=1');
    visit.page('https://shop.example/?utm_source=yandex&utm_campaign=%D0%BB%D0%B0%D0%BC%D0%BF%D1%8B#top');
    visit.page('https://shop.example/?utm_source=google');
    expect(visit.state.utm).toEqual({ utm_source: 'yandex', utm_campaign: 'лампы' });
  });

  it('counts events, and no more of them than it can keep', () => {
    const { visit } = visited();
    for (const name of ['cart', 'cart', '', 'x'.repeat(101), '__proto__', 'toString']) visit.event(name);
    expect(Object.entries(visit.state.events)).toEqual([
      ['cart', 2],
      ['__proto__', 1],
      ['toString', 1],
    ]);
    for (let at = 0; at < 100; at++) visit.event(`event ${at}`);
    expect(Object.keys(visit.state.events)).toHaveLength(50);
  });

  it('begins anew over what it cannot read, and goes on where nothing can be kept', () => {
    for (const junk of [
      '',
      '{',
      'null',
      '[]',
      '{"since":1}',
      '{"since":1,"last":1,"visits":"2","pages":0,"seconds":0}',
    ]) {
      const { visit } = visited({ [`${PREFIX}visit`]: junk });
      visit.page('https://shop.example/');
      expect(visit.state).toMatchObject({ visits: 1, pages: 1 });
    }
    const full = new Proxy<Record<string, string>>(
      {},
      {
        set() {
          throw new DOMException('full', 'QuotaExceededError');
        },
      },
    );
    const { visit } = visited(full);
    visit.page('https://shop.example/');
    visit.page('https://shop.example/lamps');
    expect(visit.state).toMatchObject({ visits: 1, pages: 2 });
  });

  it('has one dialog for what was shown last, within half an hour', () => {
    const { visit } = visited();
    expect(visit.takeDialog()).toBeUndefined();
    visit.touch();
    visit.shown('aut_1');
    visit.shown('aut_2');
    vi.advanceTimersByTime(29 * MINUTE);
    expect(visit.takeDialog()).toBe('aut_2');
    expect(visit.takeDialog()).toBeUndefined();
    visit.shown('aut_3');
    vi.advanceTimersByTime(SILENCE_MS + 1);
    expect(visit.takeDialog()).toBeUndefined();
  });
});

it('seconds count only while somebody can see the page', () => {
  const watch = new Stopwatch();
  vi.advanceTimersByTime(5_000);
  expect(watch.seconds).toBe(0);
  watch.run();
  vi.advanceTimersByTime(2_500);
  watch.pause();
  vi.advanceTimersByTime(60_000);
  expect(watch.seconds).toBe(2);
  watch.run();
  watch.run();
  vi.advanceTimersByTime(1_500);
  expect(watch.seconds).toBe(4);
  watch.reset();
  vi.advanceTimersByTime(1_000);
  expect(watch.seconds).toBe(1);
});

describe('what was shown', () => {
  const noon = Date.UTC(2026, 10, 28, 12);

  it('is remembered until the server refuses it, the newest two hundred', () => {
    const log = new Log({}, PREFIX);
    log.add('aut_1', 1);
    log.add('aut_1', 2);
    log.drop('aut_1', 2);
    expect(log.entries).toEqual([['aut_1', 1]]);
    for (let at = 0; at < 300; at++) log.add('aut_2', at);
    expect(log.entries).toHaveLength(200);
    expect(new Log({ [`${PREFIX}shown`]: '[[1],2]' }, PREFIX).entries).toEqual([]);
  });

  it('counts once, whether this browser or the server tells it', () => {
    const { ahead, elsewhere } = compare(
      [['aut_1', noon]],
      [
        ['aut_1', noon + 900],
        ['aut_1', noon - 86_400_000],
      ],
    );
    expect([ahead, elsewhere]).toEqual([0, [['aut_1', noon - 86_400_000]]]);
  });

  it('tells how far a wrong clock is off', () => {
    const hour = 3_600_000;
    // This browser is an hour late; of one showing the server never heard.
    const local: [string, number][] = [
      ['aut_1', noon - 3 * hour],
      ['aut_2', noon - 2 * hour],
      ['aut_1', noon - hour],
    ];
    const server: [string, number][] = [
      ['aut_1', noon - 2 * hour + 800],
      ['aut_2', noon - hour + 500],
    ];
    const { ahead, elsewhere } = compare(local, server);
    expect([Math.round(ahead / hour), elsewhere]).toEqual([1, []]);
    expect(compare(local, [])).toEqual({ ahead: 0, elsewhere: [] });
    expect(compare([], server)).toEqual({ ahead: 0, elsewhere: server });
  });
});

describe('facts', () => {
  const here = {
    page: { url: 'https://shop.example/lamps?size=2#top', title: 'Лампы' },
    visit: {
      since: 0,
      last: 0,
      visits: 2,
      pages: 3,
      seconds: 9,
      utm: { utm_source: 'yandex' },
      events: { cart: 2 },
    },
    secondsOnPage: 4,
    secondsOnSite: 13,
    scrollPercent: 50,
    idleSeconds: 1,
    exitIntent: false,
    device: 'phone',
    operatorsOnline: true,
    country: null,
  };

  it('have the names of the server', () => {
    vi.stubGlobal('navigator', { language: 'ru-RU' });
    expect(factsOf(here)).toMatchObject({
      page_path: '/lamps',
      'query.size': '2',
      page_title: 'Лампы',
      utm_source: 'yandex',
      visits: 2,
      returning: true,
      pages_viewed: 3,
      'event.cart': 2,
      language: 'ru-RU',
      device: 'phone',
      scroll_percent: 50,
    });
    vi.unstubAllGlobals();
  });

  it('of the visitor are not told: the server has its own', () => {
    const told = factsToTell({
      page_url: 'x',
      'query.size': '2',
      'field.phone': ['1'],
      tag: ['vip'],
      operators_online: true,
    });
    expect(told).toEqual({ page_url: 'x' });
  });
});
