import { beforeEach, expect, it, vi } from 'vitest';

const upload = vi.hoisted(() => vi.fn());
vi.mock('$lib/shared/api', () => ({ api: { upload } }));

import { keptUploads } from './uploads.svelte';

const FILE = new File(['x'], 'план.png');
const DONE = { id: 'fil_1', name: 'план.png', size: 1 };

beforeEach(() => {
  keptUploads.forget();
  upload.mockReset().mockResolvedValue(DONE);
});

it('keeps the files of a chat that is left and come back to, and no other chat has them', async () => {
  keptUploads.of('prj_1', 'cnv_1').add([FILE]);
  await vi.waitFor(() => expect(keptUploads.of('prj_1', 'cnv_1').ready).toEqual([DONE]));
  expect(keptUploads.of('prj_1', 'cnv_2').items).toEqual([]);
  expect(keptUploads.of('prj_1', 'cnv_1').ready).toEqual([DONE]);
  keptUploads.of('prj_1', 'cnv_1').clear();
  expect(keptUploads.of('prj_1', 'cnv_1').items).toEqual([]);
});

it('lets a file arrive while its chat is left, and stops it when one signs out', async () => {
  let arrive: (done: typeof DONE) => void = () => {};
  const signals: AbortSignal[] = [];
  upload.mockImplementation((_path, _file, _share, signal: AbortSignal) => {
    signals.push(signal);
    return new Promise((resolve) => (arrive = resolve));
  });
  keptUploads.of('prj_1', 'cnv_1').add([FILE]);
  keptUploads.of('prj_1', 'cnv_2');
  expect(keptUploads.of('prj_1', 'cnv_1').busy).toBe(true);
  arrive(DONE);
  await vi.waitFor(() => expect(keptUploads.of('prj_1', 'cnv_1').ready).toEqual([DONE]));
  keptUploads.of('prj_1', 'cnv_2').add([FILE]);
  keptUploads.forget();
  expect(signals.map((signal) => signal.aborted)).toEqual([false, true]);
  expect(keptUploads.of('prj_1', 'cnv_2').items).toEqual([]);
});
