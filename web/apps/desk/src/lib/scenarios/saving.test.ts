import { ApiError } from '@otklik/api';
import { emptyDocument, type FlowDocument } from '@otklik/flow';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Draft } from './contract';
import { Saving } from './saving.svelte';

const draftOf = (document: FlowDocument, revision: number): Draft => ({
  document,
  revision,
  problems: [],
  saved_at: `2026-11-28T10:0${revision}:00Z`,
  saved_by: 'usr_1',
  saved_by_name: 'Anna',
});
const named = (name: string): FlowDocument => ({ ...emptyDocument(), name });

/** A server with one draft. */
class Server {
  draft = draftOf(named('start'), 1);
  failure: ApiError | null = null;
  writes: string[] = [];

  read = () => Promise.resolve(this.draft);
  write = (document: FlowDocument, revision: number): Promise<Draft> => {
    if (this.failure) return Promise.reject(this.failure);
    if (revision !== this.draft.revision) return Promise.reject(new ApiError(409, { code: 'draft_changed' }));
    this.writes.push(document.name ?? '');
    this.draft = draftOf(document, revision + 1);
    return Promise.resolve(this.draft);
  };
}

let server: Server;
let saving: Saving;

beforeEach(() => {
  vi.useFakeTimers();
  server = new Server();
  saving = new Saving(server);
  saving.start(server.draft);
});
afterEach(() => vi.useRealTimers());

describe('a draft', () => {
  it('is saved two seconds after the last edit, once', async () => {
    saving.changed(named('a'));
    await vi.advanceTimersByTimeAsync(1_500);
    saving.changed(named('ab'));
    expect(saving.state).toBe('changed');
    await vi.advanceTimersByTimeAsync(1_900);
    expect(server.writes).toEqual([]);
    await vi.advanceTimersByTimeAsync(200);
    expect(server.writes).toEqual(['ab']);
    expect(saving.state).toBe('saved');
    expect(saving.savedAt).toBe('2026-11-28T10:02:00Z');
  });

  it('that was put back as it was is not saved at all', async () => {
    saving.changed(named('a'));
    saving.changed(server.draft.document);
    await vi.advanceTimersByTimeAsync(9_000);
    expect(saving.state).toBe('saved');
    expect(server.writes).toEqual([]);
  });

  it('is saved again when it was edited on the way', async () => {
    saving.changed(named('a'));
    const saved = saving.save();
    saving.changed(named('ab'));
    await saved;
    expect(saving.isDirty).toBe(true);
    await vi.advanceTimersByTimeAsync(2_100);
    expect(server.writes).toEqual(['a', 'ab']);
    expect(saving.state).toBe('saved');
  });

  it('that could not be saved says so until it is, and is tried again', async () => {
    server.failure = new ApiError(0, {});
    saving.changed(named('a'));
    await vi.advanceTimersByTimeAsync(2_100);
    expect(saving.state).toBe('failed');
    saving.changed(named('ab'));
    expect(saving.state).toBe('failed');
    server.failure = null;
    await vi.advanceTimersByTimeAsync(12_000);
    expect(server.writes).toEqual(['ab']);
    expect(saving.state).toBe('saved');
  });
});

it('is saved by itself once the same person has signed in again', async () => {
  server.failure = new ApiError(401, { code: 'signed_out' });
  saving.changed(named('a'));
  await vi.advanceTimersByTimeAsync(2_100);
  expect(saving.state).toBe('failed');
  server.failure = null;
  await vi.advanceTimersByTimeAsync(10_000);
  expect(server.writes).toEqual(['a']);
});

describe('a draft that somebody else has saved', () => {
  beforeEach(async () => {
    server.draft = draftOf(named('theirs'), 2);
    saving.changed(named('mine'));
    await vi.advanceTimersByTimeAsync(2_100);
  });

  it('is not written over, by no path and after no wait', async () => {
    expect(saving.state).toBe('taken');
    expect(saving.other?.saved_by_name).toBe('Anna');
    saving.changed(named('mine too'));
    expect(saving.state).toBe('taken');
    expect(await saving.save()).toBe(false);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(server.writes).toEqual([]);
    expect(saving.state).toBe('taken');
  });

  it('is written over when a person says so', async () => {
    expect(await saving.takeOver()).toBe(true);
    expect(server.writes).toEqual(['mine']);
    expect(saving.state).toBe('saved');
  });

  it('stops saving when publishing is what was refused', async () => {
    saving.start(server.draft);
    saving.changed(named('mine again'));
    await saving.heed(new ApiError(422, { code: 'invalid' }));
    expect(saving.state).toBe('changed');
    await saving.heed(new ApiError(409, { code: 'draft_changed' }));
    await vi.advanceTimersByTimeAsync(10_000);
    expect([saving.state, server.writes]).toEqual(['taken', []]);
  });

  it('is taken as it is when a person says that', () => {
    saving.start(server.draft);
    expect(saving.state).toBe('saved');
    expect(saving.isDirty).toBe(false);
  });
});
