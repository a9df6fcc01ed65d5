import { describe, expect, it, vi } from 'vitest';
import { talk } from './fakes';

describe('calls of the page', () => {
  it('setClientInfo connects and becomes one frame of fields, repeated until answered', () => {
    const { call, socket, emitted } = talk();
    call('setClientInfo', [{ name: 'Нина', phone: '+79125550141', custom: { contract: 7 } }]);
    socket().hello();
    const [frame] = socket().of('fields');
    expect(frame!.fields).toEqual({ name: 'Нина', phone: '+79125550141', contract: 7 });
    expect(emitted).toContainEqual(['contacts', { name: 'Нина', phone: '+79125550141', email: null }]);
    socket().hello();
    expect(socket().of('fields').length).toBe(2);
    socket().hear({ type: 'fields', client_id: frame!.client_id, ok: true });
    socket().hello();
    expect(socket().of('fields').length).toBe(2);
  });

  it('setFields without a value sends nothing', () => {
    const { call, sockets } = talk();
    call('setFields', [{}]);
    expect(sockets).toEqual([]);
  });

  it('sendMessage is send', () => {
    const { call, socket } = talk();
    call('sendMessage', ['hi']);
    socket().hello();
    expect(socket().of('message')[0]!.content.text).toBe('hi');
  });

  it('the id claimed before load goes with the first message', () => {
    const { session, socket, call } = talk({ setup: { clientId: 'A-17' } });
    session.connect();
    socket().hello();
    expect(socket().of('fields')).toEqual([]);
    call('send', ['hi']);
    expect(socket().of('fields')[0]!.fields).toEqual({ customer_id: 'A-17' });
  });

  it('getClientId and getContacts answer with what is known', () => {
    const { session, socket, call } = talk();
    const tell = vi.fn();
    call('getClientId', [tell]);
    session.connect();
    socket().hello({ contact_id: 'con_1' });
    call('getClientId', [tell]);
    call('setFields', [{ email: 'a@b.example' }]);
    call('getContacts', [tell]);
    expect(tell.mock.calls).toEqual([[null], ['con_1'], [{ name: null, phone: null, email: 'a@b.example' }]]);
    expect(call('get', ['visitorId'])).toBe('con_1');
  });

  it('identify signs in anew with the token', () => {
    const { session, socket, sockets, call } = talk();
    session.connect();
    socket().hello();
    call('identify', [{ token: 'jwt' }]);
    socket().hello();
    expect(sockets.length).toBe(2);
    expect(socket().of('auth')[0]!.identity_token).toBe('jwt');
  });

  it('receiveMessage types first and stays on this page', () => {
    vi.useFakeTimers();
    const { session, sockets, emitted, call } = talk();
    call('receiveMessage', ['Помочь?', 'Анна', 2000]);
    expect(session.view.typing).toBe('Анна');
    vi.advanceTimersByTime(2000);
    expect(session.view.typing).toBeNull();
    expect(session.view.messages[0]).toMatchObject({
      content: { text: 'Помочь?' },
      author: { name: 'Анна' },
    });
    expect(emitted.some(([event]) => event === 'message')).toBe(true);
    expect(sockets).toEqual([]);
    vi.useRealTimers();
  });

  it('an event waits for the line', () => {
    const { call, socket } = talk();
    call('event', ['cart', { sum: 1 }]);
    socket().hello();
    expect(socket().of('event')).toEqual([{ type: 'event', name: 'cart', data: { sum: 1 } }]);
  });

  it('unknown and unsupported calls warn once', () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    const { call } = talk();
    for (const verb of ['fly', 'fly', 'constructor', 'setOperator', 'setOperator']) {
      call(verb, ['x']);
    }
    expect(warn).toHaveBeenCalledTimes(3);
  });
});
