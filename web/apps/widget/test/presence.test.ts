import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Config } from '../src/contract';
import { Watch } from '../src/presence/watch';
import type { Core, Shell } from '../src/shell';
import { FakeSocket, fakeShell, PREFIX, talk } from './fakes';

const MINUTE = 60_000;

beforeEach(() => {
  vi.useFakeTimers({ now: Date.UTC(2026, 10, 29, 12) });
  vi.stubGlobal('navigator', { language: 'ru-RU' });
  vi.stubGlobal('matchMedia', () => ({ matches: false }));
  vi.stubGlobal('fetch', vi.fn().mockRejectedValue(new Error('no network')));
  vi.stubGlobal('location', { href: 'https://shop.example/' });
  Object.assign(document, { hidden: false, title: 'Shop' });
});
const watches: Watch[] = [];
afterEach(() => {
  watches.splice(0).forEach((watch) => watch.destroy());
  vi.useRealTimers();
});

function watch(rest: Partial<Shell> = {}) {
  const { shell } = fakeShell({ ...rest });
  const sockets: FakeSocket[] = [];
  const made = new Watch(shell, () => {
    const socket = new FakeSocket();
    sockets.push(socket);
    return socket;
  });
  watches.push(made);
  return { shell, sockets, watch: made };
}

function hide(isHidden: boolean) {
  Object.assign(document, { hidden: isHidden });
  document.dispatchEvent(new Event('visibilitychange'));
}

describe('somebody who only looks', () => {
  it('is told with the page and the visit, and keeps a token of his own', () => {
    const { shell, sockets } = watch();
    sockets[0]!.hello();
    expect(sockets[0]!.of('auth')[0]).toMatchObject({
      site_key: 'key',
      visitor_token: shell.store[PREFIX + 'guest'],
      page: { url: 'https://shop.example/', title: 'Shop' },
      visit: { visits: 1, pages: 1, device: 'desktop', since: new Date().toISOString(), utm: {} },
    });
    expect(shell.store[PREFIX + 'guest']).toMatch(/^[0-9a-f]{32}$/);
    expect(shell.store[PREFIX + 'visitor']).toBeUndefined();
  });

  it('says which advertisement brought him, on later pages, too', () => {
    vi.stubGlobal('location', { href: 'https://shop.example/?utm_source=yandex&utm_medium=cpc' });
    const { shell } = watch();
    vi.stubGlobal('location', { href: 'https://shop.example/lamps' });
    const { sockets } = watch({ store: shell.store });
    sockets[0]!.hello();
    const { visit } = sockets[0]!.of('auth')[0]!;
    expect(visit).toMatchObject({ utm: { source: 'yandex', medium: 'cpc' }, pages: 2, visits: 1 });
  });

  it('keeps the token that auto-actions have made', () => {
    const { sockets } = watch({ store: { [PREFIX + 'guest']: 'made by rules' } });
    sockets[0]!.hello({ visitor_token: 'made by rules' });
    expect(sockets[0]!.of('auth')[0]!.visitor_token).toBe('made by rules');
  });

  it('leaves counting to auto-actions where there are any, and counts a page that they have not yet', () => {
    const config = { appearance: {}, rules: true } as Config;
    const { shell, sockets } = watch({ config });
    sockets[0]!.hello();
    expect(shell.store[PREFIX + 'visit']).toBeUndefined();
    expect(sockets[0]!.of('auth')[0]!.visit).toMatchObject({ visits: 1, pages: 1 });
  });

  it('begins another visit after half an hour of silence', () => {
    const { shell } = watch();
    vi.advanceTimersByTime(31 * MINUTE);
    const { sockets } = watch({ store: shell.store });
    sockets[0]!.hello();
    expect(sockets[0]!.of('auth')[0]!.visit).toMatchObject({ visits: 2, pages: 1 });
  });

  it('is told of another page, but not before the server knows who he is', () => {
    const { sockets, watch: made } = watch();
    made.page('https://shop.example/early');
    expect(sockets[0]!.sent).toEqual([]);
    sockets[0]!.hello();
    expect(sockets[0]!.of('auth')[0]!.page.url).toBe('https://shop.example/early');
    made.page('https://shop.example/cart', 'Cart');
    expect(sockets[0]!.of('page')).toEqual([
      { type: 'page', url: 'https://shop.example/cart', title: 'Cart' },
    ]);
  });

  it('is nobody before the page allows it, and after it takes that back', () => {
    const { shell, sockets, watch: made } = watch({ isHeld: true });
    expect(sockets).toEqual([]);
    expect(shell.store).toEqual({});
    shell.isHeld = false;
    made.update();
    sockets[0]!.hello();
    shell.isHeld = true;
    made.update();
    expect(sockets[0]!.isClosed).toBe(true);
    vi.advanceTimersByTime(10 * MINUTE);
    expect(sockets).toHaveLength(1);
  });

  it('comes back with growing pauses, and not at all where the site is refused', () => {
    const { sockets } = watch();
    for (const most of [1_000, 2_000, 4_000]) {
      const { length } = sockets;
      sockets.at(-1)!.die();
      vi.advanceTimersByTime(most / 2 - 1);
      expect(sockets).toHaveLength(length);
      vi.advanceTimersByTime(most / 2 + 1);
      expect(sockets).toHaveLength(length + 1);
    }
    const { length } = sockets;
    // A chat that was switched off may be switched on.
    sockets.at(-1)!.die(4410);
    vi.advanceTimersByTime(2 * MINUTE);
    expect(sockets).toHaveLength(length + 1);
    sockets.at(-1)!.die(4403);
    vi.advanceTimersByTime(60 * MINUTE);
    expect(sockets).toHaveLength(length + 1);
  });

  it('is not told of a tab that nobody looks at for ten minutes, or has not looked at yet', () => {
    Object.assign(document, { hidden: true });
    const { sockets } = watch();
    expect(sockets).toEqual([]);
    hide(false);
    expect(sockets).toHaveLength(1);
    hide(true);
    vi.advanceTimersByTime(9 * MINUTE);
    expect(sockets[0]!.isClosed).toBe(false);
    vi.advanceTimersByTime(2 * MINUTE);
    expect(sockets[0]!.isClosed).toBe(true);
    window.dispatchEvent(new Event('online'));
    expect(sockets).toHaveLength(1);
    hide(false);
    expect(sockets).toHaveLength(2);
  });

  it('becomes a visitor with a talk when the team writes', async () => {
    const core = { connect: vi.fn() };
    const withCore = ((use: (core: Core) => void) =>
      Promise.resolve(use(core as never))) as Shell['withCore'];
    const { shell, sockets } = watch({ withCore });
    sockets[0]!.hello();
    sockets[0]!.hear({ type: 'called', contact_id: 'con_1' });
    expect(shell.store[PREFIX + 'visitor']).toBe(sockets[0]!.of('auth')[0]!.visitor_token);
    expect(core.connect).toHaveBeenCalledOnce();
  });
});

describe('the core beside it', () => {
  it('goes on as the same visitor, says what visit it is, and is the only one that tells', () => {
    const { shell, sockets } = watch();
    sockets[0]!.hello();
    const { visitor_token } = sockets[0]!.of('auth')[0]!;
    const { session, socket } = talk({ store: shell.store, presence: shell.presence });
    session.connect();
    shell.presence!.end();
    expect(sockets[0]!.isClosed).toBe(true);
    socket().hello({ visitor_token: visitor_token! });
    expect(socket().of('auth')[0]).toMatchObject({ visitor_token, visit: { pages: 1, visits: 1 } });
    expect(shell.store).toMatchObject({ [PREFIX + 'visitor']: visitor_token });
    expect(shell.store[PREFIX + 'guest']).toBeUndefined();
    shell.presence!.update!();
    expect(sockets).toHaveLength(1);
  });

  it('leaves nobody behind for the next one who sits here', () => {
    const { session, socket, shell } = talk({ store: { [PREFIX + 'guest']: 'looked' } });
    session.connect();
    socket().hello({ visitor_token: 'looked' });
    session.logout();
    expect(Object.keys(shell.store).filter((name) => /visitor|guest/.test(name))).toEqual([]);
  });

  it('hears that the team has made a contact of the visitor', () => {
    const { session, socket, emitted } = talk();
    session.connect();
    socket().hello();
    socket().hear({ type: 'called', contact_id: 'con_7' });
    expect(session.contactId).toBe('con_7');
    expect(emitted).toContainEqual(['clientId', 'con_7']);
  });

  it('reads what waits for a visitor who has not opened the panel', () => {
    const { session, socket } = talk();
    session.connect();
    socket().hello({ unread: 1, conversation: { id: 'cnv_1', seq: 1 } });
    expect(session.view.history).toBe('loading');
  });
});

describe('what is typed', () => {
  function typist(isPreviewed: boolean) {
    const config = { appearance: {}, typing_preview: isPreviewed } as Config;
    const { session, socket } = talk({ config });
    session.connect();
    socket().hello();
    return { session, told: () => socket().of('typing') };
  }

  it('is not told without the owner’s switch', () => {
    const { session, told } = typist(false);
    session.typing('моя тайна');
    vi.advanceTimersByTime(2_000);
    session.typing('');
    expect(told()).toEqual([{ type: 'typing' }]);
  });

  it('is told whole, at most every 1.5 seconds, with the last words and with their end', () => {
    const { session, told } = typist(true);
    for (const text of ['п', 'пр', 'при']) session.typing(text);
    expect(told().map(({ text }) => text)).toEqual(['п']);
    vi.advanceTimersByTime(1_500);
    expect(told().map(({ text }) => text)).toEqual(['п', 'при']);
    session.typing('');
    vi.advanceTimersByTime(1_500);
    expect(told().map(({ text }) => text)).toEqual(['п', 'при', '']);
  });

  it('is never what looks like the number of a card', () => {
    const { session, told } = typist(true);
    session.typing('4111 1111 1111 1111');
    vi.advanceTimersByTime(1_500);
    session.typing('+7 912 555-01-42');
    expect(told()).toEqual([{ type: 'typing' }, { type: 'typing', text: '+7 912 555-01-42' }]);
  });
});
