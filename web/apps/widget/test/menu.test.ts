import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Config, MenuButton } from '../src/contract';
import { Menu, buttonsAt, pillFor } from '../src/extras/menu';
import { rowsOf } from '../src/panel/rows';
import { talk } from './fakes';

/** As much of an element as drawing asks for. */
class FakeElement {
  readonly style = { setProperty() {} };
  readonly replaceChildren = vi.fn();
  setAttribute() {}
  append() {}
  before() {}
}
class FakeObserver {
  observe() {}
  disconnect() {}
}

beforeEach(() => {
  // Friday, noon in Moscow.
  vi.useFakeTimers({ now: new Date('2026-11-27T12:00:00+03:00') });
  vi.stubGlobal('ResizeObserver', FakeObserver);
  vi.stubGlobal('screen', { width: 390, height: 844 });
  vi.stubGlobal('matchMedia', () => ({ matches: false }));
  vi.stubGlobal('fetch', vi.fn().mockRejectedValue(new Error('no network')));
});
afterEach(() => {
  vi.useRealTimers();
});

function button(target: MenuButton['target'], rest: Partial<MenuButton> = {}): MenuButton {
  return {
    id: 'mbt_1',
    label: { ru: 'Подобрать', en: 'Find' },
    colour: null,
    image: null,
    hours: null,
    devices: [],
    target,
    ...rest,
  };
}

function menuOf(buttons: MenuButton[], locale: 'ru' | 'en' = 'ru') {
  const config = {
    appearance: { brand: '#2f5d4a' },
    off: false,
    operators_online: true,
    time_zone: 'Europe/Moscow',
    menu_buttons: buttons,
  } as unknown as Config;
  const made = talk({
    config,
    locale,
    withCore: (use) => Promise.resolve(use(made.session)),
  });
  const pills = () => buttonsAt(new Date(), config).map((one) => pillFor(made.shell, one));
  return { ...made, pills };
}

describe('which buttons are drawn', () => {
  it('not the ones of another hour, until their hour comes', () => {
    const hours = { days: ['fri' as const], from: '12:30', to: '18:00' };
    const { pills } = menuOf([button({ kind: 'chat' }, { hours })]);
    expect(pills()).toEqual([]);
    vi.advanceTimersByTime(31 * 60_000);
    expect(pills().map((pill) => pill.label)).toEqual(['Подобрать']);
  });

  it('not the ones of another device', () => {
    vi.stubGlobal('matchMedia', () => ({ matches: true }));
    const { pills } = menuOf([
      button({ kind: 'chat' }, { devices: ['desktop'] }),
      button({ kind: 'phone', phone: '8 800 555-01-20' }, { id: 'mbt_2', devices: ['phone'] }),
    ]);
    expect(pills().map((pill) => pill.href)).toEqual(['tel:88005550120']);
  });

  it('in Russian where there is no other label, and in the brand without a colour', () => {
    const { pills } = menuOf([button({ kind: 'chat' }, { label: { ru: 'Чат' } })], 'en');
    expect(pills()[0]).toMatchObject({ label: 'Чат', colour: '#2f5d4a' });
  });

  it('nothing is drawn anew without a reason', () => {
    const { shell } = menuOf([button({ kind: 'chat' })]);
    const create = () => new FakeElement() as unknown as HTMLElement;
    Object.assign(document, { createElement: create, createElementNS: create });
    Object.assign(shell, { isOpen: true });
    const launcher = { frame: create(), bar: create(), fab: create(), face: () => create() };
    Object.assign(shell, { launcher });
    const menu = new Menu(shell);
    vi.advanceTimersByTime(600_000);
    expect(menu.box.replaceChildren).toHaveBeenCalledOnce();
    menu.stop();
  });

  it('an address that is no address is not followed', () => {
    const { pills } = menuOf([button({ kind: 'link', url: 'javascript:alert(1)' })]);
    expect(pills()[0]!.href).toBeUndefined();
  });
});

describe('what a press does', () => {
  it('an event is told to the page', () => {
    const { pills, emitted, shell } = menuOf([button({ kind: 'event', name: 'size_guide' })]);
    pills()[0]!.press();
    expect(emitted).toContainEqual(['menu', { name: 'size_guide', id: 'mbt_1' }]);
    expect(shell.open).not.toHaveBeenCalled();
  });

  it('the bot’s link is asked for, a written one is followed', () => {
    const { pills, emitted } = menuOf([
      button({ kind: 'channel', channel: 'telegram', url: null }),
      button({ kind: 'channel', channel: 'vk', url: 'https://vk.com/shop' }, { id: 'mbt_2' }),
    ]);
    const open = vi.fn();
    Object.assign(window, { open, location: { replace: vi.fn() } });
    pills()[0]!.press();
    expect(open).toHaveBeenCalledWith('about:blank', '_blank');
    expect(pills()[1]).toMatchObject({ href: 'https://vk.com/shop', newTab: true });
    pills()[1]!.press();
    expect(emitted).toContainEqual(['link', 'https://vk.com/shop']);
  });

  it('a scenario waits for the line and starts once', () => {
    const { pills, shell, session, socket } = menuOf([button({ kind: 'scenario' })]);
    pills()[0]!.press();
    pills()[0]!.press();
    expect(shell.open).toHaveBeenCalled();
    expect(rowsOf(session.view, true).map((row) => [row.text, row.status])).toEqual([
      ['Подобрать', 'queued'],
    ]);
    socket().hello();
    const [frame, ...others] = socket().of('launch');
    expect(frame).toMatchObject({ menu_button_id: 'mbt_1' });
    expect(others).toEqual([]);
    expect(rowsOf(session.view, false)).toEqual([]);
    socket().hear({ type: 'launched', client_id: frame!.client_id, contact_id: 'con_1', started: true });
    expect(session.view.entries).toEqual([]);
    expect(session.contactId).toBe('con_1');
  });

  it('a suggest starts its scenario the same way, under its own name', () => {
    const { session, socket } = menuOf([]);
    session.launch({ id: 'sug_1', label: { ru: 'Подобрать' } });
    socket().hello();
    const [frame] = socket().of('launch');
    expect(frame).toMatchObject({ suggest_id: 'sug_1' });
    expect(frame).not.toHaveProperty('menu_button_id');
  });

  it('a busy conversation is no fault, and a refusal is said in a visitor’s words', () => {
    const { pills, session, socket } = menuOf([button({ kind: 'scenario' })]);
    session.connect();
    socket().hello();
    const press = () => {
      pills()[0]!.press();
      return socket().of('launch').at(-1)!.client_id;
    };
    const answer = { contact_id: 'con_1', started: false, type: 'launched' } as const;
    socket().hear({ ...answer, client_id: press(), reason: 'busy' });
    expect(session.view.entries).toEqual([]);
    const client_id = press();
    socket().hear({ type: 'error', client_id, code: 'no_licence', detail: 'this scenario does not run now' });
    expect(rowsOf(session.view, false)[0]).toMatchObject({
      status: 'notSent',
      detail: 'бот сейчас не отвечает, напишите нам',
    });
    expect(press()).toBe(client_id);
  });

  it('without sockets an operator reads which button was pressed', async () => {
    const { pills, session, socket } = menuOf([button({ kind: 'scenario' })]);
    pills()[0]!.press();
    for (const wait of [500, 1000, 0]) {
      socket().die();
      await vi.advanceTimersByTimeAsync(wait);
    }
    const sent = vi.mocked(fetch).mock.calls.find(([, init]) => init?.method === 'POST');
    expect(JSON.parse(String(sent![1]!.body))).toMatchObject({ content: { text: 'Подобрать' } });
    expect(session.view.entries).toHaveLength(1);
  });
});

describe('a form', () => {
  const fields = [{ key: 'phone', title: 'Телефон', kind: 'phone' }];

  it('tells the fields first and then the words, also after a reload', () => {
    const { pills, session, socket, shell } = menuOf([button({ kind: 'callback', fields })]);
    pills()[0]!.press();
    expect(session.view.form).toMatchObject({ title: 'Подобрать', fault: null });
    session.callBack({ phone: '+79125550141' }, 'Перезвоните мне: +79125550141');
    expect(session.view.form).toBeNull();
    const reloaded = talk({ store: shell.store });
    for (const talked of [socket(), reloaded.socket()]) {
      talked.hello();
      const [told] = talked.of('fields');
      expect(told!.fields).toEqual({ phone: '+79125550141' });
      expect(talked.of('message')).toEqual([]);
      talked.hear({ type: 'fields', client_id: told!.client_id, ok: true });
      expect(talked.of('message').map((frame) => frame.content.text)).toEqual([
        'Перезвоните мне: +79125550141',
      ]);
    }
  });

  it('comes back with what was written when the server refuses it', () => {
    const { pills, session, socket } = menuOf([button({ kind: 'callback', fields })]);
    pills()[0]!.press();
    session.connect();
    socket().hello();
    session.callBack({ phone: '12' }, 'Перезвоните мне: 12');
    const { client_id } = socket().of('fields')[0]!;
    socket().hear({ type: 'error', client_id, code: 'validation', detail: 'Это не номер' });
    expect(session.view.entries).toEqual([]);
    expect(session.view.form).toMatchObject({ values: { phone: '12' }, fault: 'Это не номер' });
  });
});
