import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LiveSocket, type LinkState, type SocketLike } from '../src';

class FakeSocket implements SocketLike {
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  sent: Record<string, unknown>[] = [];
  send(data: string) {
    this.sent.push(JSON.parse(data) as Record<string, unknown>);
  }
  close() {}
  hear(frame: unknown) {
    this.onmessage?.({ data: JSON.stringify(frame) });
  }
}

describe('LiveSocket', () => {
  let sockets: FakeSocket[];
  let states: LinkState[];
  let snapshots: number[];
  let frames: string[];
  let live: LiveSocket;
  const last = () => sockets.at(-1)!;

  beforeEach(() => {
    vi.useFakeTimers();
    sockets = [];
    states = [];
    snapshots = [];
    frames = [];
    live = new LiveSocket(
      {
        connect: () => {
          sockets.push(new FakeSocket());
          return last();
        },
        authFrame: () => ({ type: 'auth', csrf: 'c' }),
        random: () => 1,
      },
      {
        onState: (state) => states.push(state),
        onSnapshotNeeded: (position) => snapshots.push(position),
        onFrame: (frame) => frames.push(frame.type),
      },
    );
    live.start();
    last().onopen?.();
  });
  afterEach(() => vi.useRealTimers());

  const hello = (position: number) => last().hear({ type: 'hello', position, online_contacts: [] });
  const event = (position: number) =>
    last().hear({ type: 'event', position, kind: 'settings.updated', data: {} });

  it('signs in first and asks for one snapshot', () => {
    expect(last().sent).toEqual([{ type: 'auth', csrf: 'c' }]);
    hello(10);
    expect(snapshots).toEqual([10]);
    expect(states).toEqual(['connecting', 'online']);
  });

  it('resumes from the last position seen and drops what it has heard', () => {
    hello(10);
    live.subscribe(['prj_1'], 10);
    event(11);
    event(12);
    last().onclose?.({ code: 1006 });
    vi.advanceTimersByTime(500);
    last().onopen?.();
    hello(20);
    expect(last().sent.at(-1)).toEqual({ type: 'subscribe', projects: ['prj_1'], from: 12 });
    event(12);
    event(13);
    expect(frames.filter((type) => type === 'event')).toHaveLength(3);
    expect(snapshots).toEqual([10]);
  });

  it('takes a new snapshot after a gap', () => {
    hello(10);
    last().hear({ type: 'gap', position: 90 });
    expect(snapshots).toEqual([10, 90]);
  });

  it('follows another list of projects from where it stands', () => {
    live.follow(['prj_1']);
    expect(last().sent).toHaveLength(1);
    hello(10);
    live.subscribe(['prj_1'], 10);
    event(11);
    live.follow(['prj_1', 'prj_2']);
    expect(last().sent.at(-1)).toEqual({ type: 'subscribe', projects: ['prj_1', 'prj_2'], from: 11 });
  });

  it('stays away when signed out', () => {
    hello(10);
    last().onclose?.({ code: 4401 });
    vi.advanceTimersByTime(60_000);
    expect(sockets).toHaveLength(1);
    expect(states.at(-1)).toBe('signed_out');
  });

  it('refuses to send without a signed-in connection', () => {
    expect(live.send({ type: 'typing', conversation_id: 'x' })).toBe(false);
  });
});
