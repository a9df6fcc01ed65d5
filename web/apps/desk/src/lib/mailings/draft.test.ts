import { ApiError } from '@otklik/api';
import { beforeEach, expect, it, vi } from 'vitest';
import type { Mailing, MailingDocument } from './contract';
import { DraftSaving } from './draft.svelte';

const FIRST: MailingDocument = {
  title: 'Зимний свет',
  audience: { all: [{ tag: 'опт' }] },
  matching_only: false,
  body: { text: 'Лампы' },
  channels: ['telegram'],
  fallback: true,
  schedule: { zone: 'project', quiet: null },
  opt_out_line: true,
};

/** A server with one mailing. */
class Server {
  document = FIRST;
  revision = 1;
  isStarted = false;
  reads = 0;

  mailing = () =>
    ({ document: this.document, revision: this.revision, changed_at: '2026-12-03T04:41:00Z' }) as Mailing;
  read = () => {
    this.reads += 1;
    return Promise.resolve(this.mailing());
  };
  write = (document: MailingDocument, revision: number) => {
    if (this.isStarted) return Promise.reject(new ApiError(409, { code: 'not_a_draft' }));
    if (revision !== this.revision) return Promise.reject(new ApiError(409, { code: 'changed_meanwhile' }));
    this.document = document;
    this.revision += 1;
    return Promise.resolve(this.mailing());
  };
}

const listener = { saved: vi.fn(), joined: vi.fn(), started: vi.fn() };
let server: Server;
let saving: DraftSaving;

beforeEach(() => {
  vi.resetAllMocks();
  server = new Server();
  saving = new DraftSaving(server, listener);
  saving.start(server.mailing());
});

it('saves what was edited, and nothing where nothing was', async () => {
  saving.changed({ ...FIRST });
  expect(saving.mark).toBe('saved');
  saving.changed({ ...FIRST, fallback: false });
  expect(saving.mark).toBe('changed');
  expect(await saving.save()).toBe(true);
  expect(server.document.fallback).toBe(false);
  expect(saving.mark).toBe('saved');
});

it('puts together what two people wrote at once', async () => {
  server.document = { ...FIRST, title: 'Зимний свет 2' };
  server.revision = 7;
  saving.changed({ ...FIRST, body: { text: 'Торшеры' } });
  expect(await saving.save()).toBe(true);
  expect(server.document).toMatchObject({ title: 'Зимний свет 2', body: { text: 'Торшеры' } });
  expect(listener.joined).toHaveBeenCalledWith(expect.objectContaining({ title: 'Зимний свет 2' }), []);
});

it('keeps mine where both wrote the same, and says where', async () => {
  server.document = { ...FIRST, title: 'Их' };
  server.revision = 7;
  saving.changed({ ...FIRST, title: 'Моё' });
  await saving.save();
  expect(server.document.title).toBe('Моё');
  expect(listener.joined).toHaveBeenCalledWith(expect.anything(), ['title']);
});

it('says that it was started meanwhile', async () => {
  server.isStarted = true;
  saving.changed({ ...FIRST, title: 'Поздно' });
  expect(await saving.save()).toBe(false);
  expect(listener.started).toHaveBeenCalledOnce();
});

it('does not take the title away while it is written anew', async () => {
  saving.changed({ ...FIRST, title: ' ', fallback: false });
  await saving.save();
  expect(server.document).toMatchObject({ title: 'Зимний свет', fallback: false });
});

it('stays unsaved when the server refuses', async () => {
  server.write = () => Promise.reject(new ApiError(422, { code: 'bad_audience' }));
  saving.changed({ ...FIRST, fallback: false });
  expect(await saving.save()).toBe(false);
  expect(saving.mark).toBe('failed');
  expect(saving.isDirty).toBe(true);
});
