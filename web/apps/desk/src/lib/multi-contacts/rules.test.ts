import { beforeEach, expect, it, vi } from 'vitest';
import { api } from '$lib/shared/api';
import { live } from '$lib/live/live.svelte';
import { RulesEditor } from './rules.svelte';

vi.mock('$lib/live/live.svelte', () => ({ live: { follow: vi.fn() } }));
vi.mock('$lib/shared/api', () => ({ api: { get: vi.fn(), all: vi.fn(), post: vi.fn() } }));

let basis = 'one';
let hear: (event: unknown) => void = () => {};
let release: (() => void) | null = null;

beforeEach(() => {
  [basis, release] = ['one', null];
  vi.mocked(live.follow).mockImplementation((_, listener) => {
    hear = listener as typeof hear;
    return () => {};
  });
  vi.mocked(api.get).mockImplementation((path) => {
    return Promise.resolve(path.endsWith('settings') ? { placeholders: [] } : { basis }) as never;
  });
  vi.mocked(api.all).mockResolvedValue([]);
});

/** The list is on its way until `release`. */
function holdBack() {
  vi.mocked(api.all).mockImplementation(() => new Promise((resolve) => (release = () => resolve([]))));
}
const settled = () => new Promise((resolve) => setTimeout(resolve));
const changed = { project_id: 'prj', data: { resource: 'multi-contact-rules' } };

it('leaves a rule alone that was begun while a colleague’s change was fetched, and says that there is one', async () => {
  const editor = new RulesEditor('prj');
  await editor.load();
  editor.listen();
  holdBack();
  basis = 'two';
  hear(changed);
  await settled();
  editor.add();
  release?.();
  await settled();
  expect(editor.rules).toHaveLength(1);
  expect(editor.outdated).toBe(true);
});

it('shows what a colleague changed where nothing is edited', async () => {
  const editor = new RulesEditor('prj');
  await editor.load();
  editor.listen();
  vi.mocked(api.all).mockResolvedValue([{ id: 'rule', fields: ['phone'], position: 1 }]);
  hear(changed);
  await settled();
  expect(editor.rules.map(({ row }) => row)).toEqual(['rule']);
  expect(editor.outdated).toBe(false);
});

it('puts a removed rule back where it stood, and as a new one after its removal was applied', async () => {
  vi.mocked(api.all).mockResolvedValue(
    ['a', 'b'].map((id, place) => ({
      id,
      fields: [id],
      position: place + 1,
      mode: 'at_once',
      enabled: true,
    })),
  );
  const editor = new RulesEditor('prj');
  await editor.load();
  const [first] = editor.rules;
  if (!first) throw new Error('no rule');
  editor.remove(first.row);
  editor.putBack(first, 0);
  expect(editor.rules.map(({ row }) => row)).toEqual(['a', 'b']);
  editor.remove(first.row);
  vi.mocked(api.all).mockResolvedValue([{ id: 'b', fields: ['b'], position: 1 }]);
  await editor.load();
  editor.putBack(first, 0);
  expect(editor.rules.map(({ saved }) => saved?.id)).toEqual([undefined, 'b']);
});
