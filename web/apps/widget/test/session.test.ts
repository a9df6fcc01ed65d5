import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { created, message, PREFIX, talk } from './fakes';

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('fetch', vi.fn().mockRejectedValue(new Error('no network')));
});
afterEach(() => vi.useRealTimers());

function history(...seqs: number[]) {
  const items = seqs.map((seq) => message(seq)).reverse();
  const answer = { ok: true, status: 200, json: async () => ({ items, next_cursor: null }) };
  vi.mocked(fetch).mockResolvedValue(answer as unknown as Response);
}

describe('connecting', () => {
  it('says who it is and keeps the token it gets', () => {
    const { session, socket, shell } = talk();
    session.connect();
    socket().hello();
    expect(socket().of('auth')[0]).toMatchObject({ site_key: 'key', visitor_token: null, locale: 'ru' });
    expect(shell.store[PREFIX + 'visitor']).toBe('token');
  });

  it('comes back with growing pauses and at once when the network does', () => {
    const { session, sockets, socket } = talk();
    session.connect();
    const pauses = Array.from({ length: 8 }, () => {
      const { length } = sockets;
      const from = Date.now();
      socket().die();
      while (sockets.length === length) vi.advanceTimersByTime(50);
      return Date.now() - from;
    });
    expect(pauses[0]).toBeLessThanOrEqual(500);
    expect(pauses[3]).toBeGreaterThanOrEqual(2000);
    expect(Math.max(...pauses)).toBeLessThanOrEqual(30_000);
    const { length } = sockets;
    socket().die();
    window.dispatchEvent(new Event('online'));
    expect(sockets.length).toBe(length + 1);
  });

  it('does not come back when the site is refused', () => {
    vi.spyOn(console, 'warn').mockImplementation(() => {});
    const { session, sockets, socket } = talk();
    session.connect();
    socket().die(4403);
    vi.advanceTimersByTime(120_000);
    expect(sockets.length).toBe(1);
  });

  it('says that the chat is switched off, keeps what was written, and goes on by itself', () => {
    // It comes back after 15 s: a socket that nobody answers is given up after ten.
    const random = vi.spyOn(Math, 'random').mockReturnValue(0.5);
    const { session, sockets } = talk();
    session.connect();
    sockets[0]!.hello();
    session.send('тук-тук');
    sockets[0]!.hear({ type: 'error', code: 'connection_off', detail: '', client_id: 'x' });
    expect(session.view.isOff).toBe(true);
    expect(session.view.entries.map((entry) => entry.state)).toEqual(['queued']);
    vi.advanceTimersByTime(9_000);
    expect(sockets).toHaveLength(1);
    vi.advanceTimersByTime(12_000);
    sockets[1]!.die(4410);
    expect(session.view.isOff).toBe(true);
    vi.advanceTimersByTime(21_000);
    sockets[2]!.hello();
    expect(session.view.isOff).toBe(false);
    expect(sockets[2]!.of('message').map((frame) => frame.content.text)).toEqual(['тук-тук']);
    random.mockRestore();
  });
});

describe('resuming', () => {
  it('asks for what came after the last message heard, not after its own answer', () => {
    const { session, socket } = talk();
    session.connect();
    socket().hello({ conversation: { id: 'cnv_1', seq: 4 } });
    expect(socket().of('subscribe')[0]!.from).toBe(4);
    socket().hear(created(message(5)));
    session.send('hi');
    socket().ack(socket().of('message')[0]!.client_id, 7);
    socket().die();
    vi.advanceTimersByTime(1000);
    socket().hello({ conversation: { id: 'cnv_1', seq: 7 } });
    expect(socket().of('subscribe')[0]!.from).toBe(5);
  });

  it('begins anew in another conversation, whose numbers start over', () => {
    const { session, socket } = talk();
    session.connect();
    socket().hello({ conversation: { id: 'cnv_1', seq: 40 } });
    socket().die();
    vi.advanceTimersByTime(1000);
    socket().hello({ conversation: { id: 'cnv_2', seq: 2 } });
    expect(socket().of('subscribe')[0]!.from).toBe(0);
  });

  it('a stranger who becomes a contact by what the site did hears all of it', async () => {
    vi.mocked(fetch).mockResolvedValue({
      ok: true,
      status: 200,
      json: async () => ({ items: [], next_cursor: null }),
    } as unknown as Response);
    const { session, sockets, socket } = talk();
    session.panelShown(true);
    socket().hello();
    await vi.advanceTimersByTimeAsync(0);
    session.connect(!session.contactId);
    expect(sockets[0]!.isClosed).toBe(true);
    socket().hello({ contact_id: 'con_1', conversation: { id: 'cnv_1', seq: 2 } });
    expect(sockets).toHaveLength(2);
    expect(socket().of('subscribe')[0]!.from).toBe(0);
    session.connect(!session.contactId);
    expect(sockets).toHaveLength(2);
  });

  it('loads history after a gap', async () => {
    const { session, socket } = talk();
    session.connect();
    socket().hello({ conversation: { id: 'cnv_1', seq: 4 } });
    history(90, 91);
    socket().hear({ type: 'gap', seq: 91 });
    await vi.advanceTimersByTimeAsync(0);
    expect(session.view.messages.map((known) => known.seq)).toEqual([90, 91]);
    expect(socket().of('subscribe').at(-1)!.from).toBe(91);
  });
});

describe('a page that is open for days', () => {
  it('reads messages anew before the links to their files end', async () => {
    const linked = (until: number) => {
      const file = { id: 'fil_1', name: 'a.png', mime: 'image/png', size: 1, url: `/f/fil_1?until=${until}` };
      return message(1, { content: { attachments: [file] } });
    };
    const soon = Math.floor(Date.now() / 1000) + 3600;
    const later = soon + 86_400;
    vi.mocked(fetch).mockImplementation(async (url) => {
      const items = [linked(String(url).includes('before') ? later : soon)];
      return {
        ok: true,
        status: 200,
        json: async () => ({ items, next_cursor: null }),
      } as unknown as Response;
    });
    const renewed = () => vi.mocked(fetch).mock.calls.filter(([url]) => String(url).includes('before=2'));
    const shown = () => session.view.messages[0]!.content.attachments![0]!.url;
    const { session, socket } = talk();
    session.connect();
    session.panelShown(true);
    socket().hello({ conversation: { id: 'cnv_1', seq: 1 } });
    await vi.advanceTimersByTimeAsync(40 * 60_000);
    expect([renewed().length, shown()]).toEqual([0, `/f/fil_1?until=${soon}`]);
    await vi.advanceTimersByTimeAsync(15 * 60_000);
    expect([renewed().length, shown()]).toEqual([1, `/f/fil_1?until=${later}`]);
  });
});

describe('one message, one bubble', () => {
  it('whether the answer or the event comes first', () => {
    for (const isAckFirst of [true, false]) {
      const { session, socket } = talk();
      session.connect();
      socket().hello();
      session.send('hi');
      const { client_id } = socket().of('message')[0]!;
      const event = created(message(1, { author: { kind: 'client' }, client_id }));
      if (isAckFirst) socket().ack(client_id, 1);
      socket().hear(event);
      if (!isAckFirst) socket().ack(client_id, 1);
      expect(session.view.messages.map((known) => known.client_id)).toEqual([client_id]);
      expect(session.view.entries).toEqual([]);
    }
  });

  it('when history and the socket tell of the same ones', async () => {
    const { session, socket } = talk();
    history(1, 2, 3);
    session.panelShown(true);
    socket().hello({ conversation: { id: 'cnv_1', seq: 3 } });
    socket().hear(created(message(3)));
    socket().hear(created(message(4)));
    await vi.advanceTimersByTimeAsync(0);
    expect(session.view.messages.map((known) => known.seq)).toEqual([1, 2, 3, 4]);
  });

  it('when the connection died between the commit and the answer', () => {
    const { session, socket } = talk();
    session.connect();
    socket().hello();
    session.send('one');
    session.send('two');
    const { client_id } = socket().of('message')[0]!;
    socket().die();
    vi.advanceTimersByTime(1000);
    socket().hello({ conversation: { id: 'cnv_1', seq: 1 } });
    expect(
      socket()
        .of('message')
        .map((frame) => frame.client_id),
    ).toEqual([client_id]);
    socket().ack(client_id, 1);
    socket().ack(socket().of('message')[1]!.client_id, 2);
    expect(session.view.messages.map((known) => known.content.text)).toEqual(['one', 'two']);
  });
});

describe('sending', () => {
  it('takes a silent line for a dead one', () => {
    const { session, sockets, socket } = talk();
    session.connect();
    socket().hello();
    session.send('hi');
    vi.advanceTimersByTime(15_000);
    expect(sockets[0]!.isClosed).toBe(true);
    socket().hello();
    expect(socket().of('message').length).toBe(1);
  });

  it('goes over HTTP after three sockets that did not open', async () => {
    const { session, socket } = talk();
    session.send('hi');
    const { client_id } = session.view.entries[0]!;
    const ack = {
      client_id,
      id: 'msg_1',
      conversation_id: 'cnv_1',
      seq: 1,
      created_at: '2026-11-22T09:00:00.000Z',
    };
    vi.mocked(fetch).mockResolvedValue({ ok: true, status: 201, json: async () => ack } as Response);
    socket().die();
    await vi.advanceTimersByTimeAsync(500);
    socket().die();
    expect(fetch).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1000);
    socket().die();
    await vi.advanceTimersByTimeAsync(0);
    expect(vi.mocked(fetch).mock.calls[0]![0]).toBe('https://chat.example/w/v1/messages');
    expect(session.view.entries).toEqual([]);
    expect(session.view.messages[0]!.content.text).toBe('hi');
    expect(session.view.isPolling).toBe(true);
  });

  it('shows a refusal with the server’s words', () => {
    const { session, socket } = talk();
    session.connect();
    socket().hello();
    session.send('hi');
    const { client_id } = socket().of('message')[0]!;
    socket().hear({ type: 'error', client_id, code: 'blocked', detail: 'чат закрыт' });
    expect(session.view.entries[0]).toMatchObject({ state: 'failed', detail: 'чат закрыт' });
    session.retry(client_id);
    expect(socket().of('message').length).toBe(2);
  });
});

describe('marks', () => {
  it('counts what comes while closed and marks it read when opened', () => {
    const { session, socket, shell } = talk();
    session.connect();
    socket().hello({ conversation: { id: 'cnv_1', seq: 1 }, unread: 1 });
    socket().hear(created(message(2)));
    expect(shell.setUnread).toHaveBeenLastCalledWith(2);
    expect(
      socket()
        .of('received')
        .map((frame) => frame.seq),
    ).toEqual([2]);
    expect(socket().of('read')).toEqual([]);
    session.panelShown(true);
    expect(shell.setUnread).toHaveBeenLastCalledWith(0);
    expect(
      socket()
        .of('read')
        .map((frame) => frame.seq),
    ).toEqual([2]);
  });

  it('types at most every 1.5 seconds', () => {
    const { session, socket } = talk();
    session.connect();
    socket().hello();
    vi.setSystemTime(Date.now() + 10_000);
    session.typing('т');
    session.typing('т');
    expect(socket().of('typing').length).toBe(1);
    vi.setSystemTime(Date.now() + 1600);
    session.typing('т');
    expect(socket().of('typing').length).toBe(2);
  });

  it('stops newer frames when an older server hangs up over them', () => {
    vi.spyOn(console, 'warn').mockImplementation(() => {});
    const { session, socket, call } = talk();
    session.connect();
    socket().hello();
    socket().die(1008);
    vi.advanceTimersByTime(1000);
    socket().hello();
    call('event', ['cart', { sum: 1 }]);
    socket().hear(created(message(1)));
    expect(socket().of('event')).toEqual([]);
    expect(socket().of('received')).toEqual([]);
  });
});

describe('another person in the same browser', () => {
  it('sees nothing of the former one, and sends nothing of theirs', () => {
    const { session, socket, shell } = talk();
    session.connect();
    socket().hello({ conversation: { id: 'cnv_1', seq: 4 } });
    socket().hear(created(message(5)));
    socket().die();
    session.send('not sent yet');
    expect(session.view.messages.length + session.view.entries.length).toBe(2);
    vi.advanceTimersByTime(1000);
    socket().hello({ visitor_token: 'another' });
    expect(session.view.messages).toEqual([]);
    expect(session.view.entries).toEqual([]);
    expect(shell.store[PREFIX + 'visitor']).toBe('another');
    expect(Object.keys(shell.store).filter((name) => name.startsWith(PREFIX + 'out:'))).toEqual([]);
    expect(socket().of('message')).toEqual([]);
  });

  it('begins with logout', () => {
    const { session, socket, call } = talk();
    session.connect();
    socket().hello({ conversation: { id: 'cnv_1', seq: 4 } });
    socket().hear(created(message(5)));
    call('logout', []);
    expect(session.view.messages).toEqual([]);
    vi.advanceTimersByTime(1000);
    socket().hello({ visitor_token: 'fresh' });
    expect(socket().of('auth').at(-1)).toMatchObject({ visitor_token: null, identity_token: null });
  });
});
