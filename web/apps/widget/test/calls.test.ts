import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { setConsent } from '../src/calls/consent';
import { talk } from './fakes';

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('fetch', vi.fn().mockRejectedValue(new Error('no network')));
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe('frames of the page’s own', () => {
  it('tags of several calls go together, the later word about a tag counts', () => {
    const { call, socket } = talk();
    call('setClientTags', [{ toAdd: ['vip'], toRemove: 'new' }]);
    socket().hello();
    expect(socket().of('tags')).toMatchObject([{ add: ['vip'], remove: ['new'], clear: false }]);
    call('addTags', ['опт']);
    call('addTags', [['розница', ' опт ']]);
    call('removeTags', ['розница']);
    expect(socket().of('tags').length).toBe(1);
    vi.advanceTimersByTime(200);
    expect(socket().of('tags')[1]).toMatchObject({ add: ['опт'], remove: ['розница'] });
    call('setClientTags', [{ isRemoveAllCurrentTags: true }]);
    vi.advanceTimersByTime(200);
    expect(socket().of('tags')[2]).toMatchObject({ add: [], remove: [], clear: true });
  });

  it('tags that the server does not take are left out and said', () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    const { call, socket } = talk();
    call('addTags', [['x'.repeat(51), ...Array.from({ length: 25 }, (_, n) => `t${n}`)]]);
    socket().hello();
    expect(socket().of('tags')[0]!.add.length).toBe(20);
    expect(warn).toHaveBeenCalledOnce();
  });

  it('a scenario and a target are repeated until answered, a refusal is said', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    const { call, socket, session } = talk();
    call('startScenario', ['scn_1']);
    call('setTarget', ['купил']);
    socket().hello();
    const { client_id } = socket().of('launch')[0]!;
    expect(socket().of('launch')[0]).toMatchObject({ scenario_id: 'scn_1' });
    expect(socket().of('target')[0]).toMatchObject({ reason: 'купил' });
    socket().hear({ type: 'launched', client_id, contact_id: 'con_1', started: true });
    expect(session.contactId).toBe('con_1');
    const told = socket().of('target')[0]!.client_id;
    socket().hear({ type: 'error', client_id: told, code: 'not_found', detail: 'too long' });
    await vi.advanceTimersByTimeAsync(0);
    expect(warn).toHaveBeenCalledWith('Otklik:', 'too long');
    socket().hello();
    expect([socket().of('launch').length, socket().of('target').length]).toEqual([1, 1]);
  });
});

describe('many calls', () => {
  it('what the server asks to wait with is told again, not lost', () => {
    const { call, socket } = talk();
    call('setTarget', ['купил']);
    socket().hello();
    const { client_id } = socket().of('target')[0]!;
    socket().hear({ type: 'error', client_id, code: 'too_many', detail: 'wait', retry_after: 3 });
    vi.advanceTimersByTime(2900);
    expect(socket().of('target').length).toBe(1);
    vi.advanceTimersByTime(200);
    expect(socket().of('target').length).toBe(2);
  });

  it('fields come together, and before the words that follow them', () => {
    const { call, socket } = talk();
    for (let n = 0; n < 5000; n += 1) call('setFields', [{ step: n, [`f${n % 3}`]: n }]);
    call('send', ['hi']);
    socket().hello();
    const { sent } = socket();
    const fields = socket().of('fields');
    expect(fields.length).toBe(1);
    expect(fields[0]!.fields).toMatchObject({ step: 4999 });
    expect(sent.findIndex(({ type }) => type === 'fields')).toBeLessThan(
      sent.findIndex(({ type }) => type === 'message'),
    );
  });

  it('one field that the project has not does not cost the others', async () => {
    vi.spyOn(console, 'warn').mockImplementation(() => {});
    const { call, socket } = talk();
    call('setFields', [{ name: 'Ира', nope: 1 }]);
    socket().hello();
    const { client_id } = socket().of('fields')[0]!;
    socket().hear({ type: 'error', client_id, code: 'validation', detail: 'fields.nope' });
    await vi.advanceTimersByTimeAsync(0);
    expect(
      socket()
        .of('fields')
        .map(({ fields }) => fields),
    ).toContainEqual({ name: 'Ира' });
  });

  it('fifty messages wait and no more, two hundred are shown of the page’s own', () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    const { call, session } = talk();
    for (let n = 0; n < 1000; n += 1) {
      call('send', [`m${n}`]);
      call('receiveMessage', [`r${n}`]);
    }
    vi.advanceTimersByTime(10);
    expect([session.view.entries.length, session.view.messages.length]).toEqual([50, 200]);
    expect(warn).toHaveBeenCalledTimes(2);
  });

  it('the last page counts', () => {
    const { call, socket, session } = talk();
    session.connect();
    socket().hello();
    for (let n = 0; n < 1000; n += 1) call('page', [{ url: `/p/${n}`, title: 'p' }]);
    vi.advanceTimersByTime(400);
    expect(
      socket()
        .of('page')
        .map(({ url }) => url),
    ).toEqual(['/p/0', '/p/999']);
  });
});

describe('consent', () => {
  const REQUIRED = {
    appearance: { consent: { text: 'Согласен', text_en: '', url: '', required: true } },
    off: false,
    operators_online: true,
  } as never;

  it('of the visitor: what he and the page write waits for the box', () => {
    const { session, socket, call, shell } = talk({ config: REQUIRED });
    call('send', ['hi']);
    socket().hello();
    expect(socket().of('message')).toEqual([]);
    session.agree(true);
    expect(socket().of('message').length).toBe(1);
    const again = talk({ config: REQUIRED, store: shell.store });
    expect(again.session.view.isAgreed).toBe(true);
    again.session.logout();
    expect(again.session.view.isAgreed).toBe(false);
  });

  it('of the page: no line before, and none after it was taken back', () => {
    const store = {};
    vi.stubGlobal('localStorage', store);
    const { session, sockets, socket, call, shell } = talk({ isHeld: true });
    call('send', ['hi']);
    session.panelShown(true);
    expect(sockets).toEqual([]);
    setConsent(shell, session, 'granted');
    socket().hello();
    expect(socket().of('message').length).toBe(1);
    expect(Object.keys(store)).toContain('otklik:key:visitor');
    setConsent(shell, session, 'denied');
    expect([Object.keys(store), sockets.length, socket().isClosed]).toEqual([[], 1, true]);
  });
});
