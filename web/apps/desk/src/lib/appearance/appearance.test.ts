import { ApiError, type Appearance, type AppearanceDraft } from '@otklik/api';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { api } from '$lib/shared/api';
import { lendWords } from '$lib/shared/uiWords';
import { AppearanceState } from './appearance.svelte';
import { changedTabs, changesText } from './words';

const look = (members: Partial<Appearance> = {}): Appearance => ({
  title: '',
  title_en: '',
  greeting: '',
  greeting_en: '',
  brand: '#2f5d4a',
  side: 'right',
  locale: 'auto',
  menu: 'opened',
  theme: 'auto',
  icon: 'mark',
  offset: { x: 20, y: 20 },
  operator: { name: '', name_en: '', photo: null, photo_url: null },
  before: { enabled: false, text: '', text_en: '', fields: [] },
  offline: { enabled: false, text: '', text_en: '', fields: [] },
  consent: { text: '', text_en: '', url: '', required: false },
  sound: true,
  rating: false,
  hidden: { pages: [], devices: [] },
  ...members,
});

/** A server with one draft. */
class Server {
  told: AppearanceDraft = {
    published: look(),
    draft: look(),
    version: 1,
    changes: [],
    published_at: null,
    published_by: null,
  };
  refusal: ApiError | null = null;
  writes: Appearance[] = [];

  save(draft: Appearance, version = this.told.version): AppearanceDraft {
    if (this.refusal) throw this.refusal;
    if (version !== this.told.version) throw new ApiError(409, { code: 'draft_changed' });
    this.writes.push(draft);
    this.told = { ...this.told, draft, version: version + 1 };
    return this.told;
  }
}

let server: Server;
let state: AppearanceState;

beforeEach(async () => {
  lendWords();
  vi.useFakeTimers();
  server = new Server();
  vi.spyOn(api, 'get').mockImplementation(() => Promise.resolve(structuredClone(server.told)));
  vi.spyOn(api, 'put').mockImplementation(async (_, body) => {
    const { draft, version } = body as { draft: Appearance; version: number };
    await Promise.resolve();
    return structuredClone(server.save(draft, version));
  });
  state = new AppearanceState('prj_1');
  await state.load();
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

function type(members: Partial<Appearance>) {
  Object.assign(state.draft!, members);
  state.edited();
}

describe('the draft of an appearance', () => {
  it('is saved by itself, once', async () => {
    type({ title: 'Т' });
    type({ title: 'Тихий' });
    expect(state.dirty).toBe(true);
    await vi.advanceTimersByTimeAsync(700);
    expect(server.writes.map(({ title }) => title)).toEqual(['Тихий']);
    expect(state.dirty).toBe(false);
  });

  it('that is refused stays as it is typed, and says where', async () => {
    const errors = [{ path: 'draft.brand', code: 'wrong_form', message: 'a colour' }];
    server.refusal = new ApiError(422, { code: 'invalid', errors });
    type({ brand: '#2f5' });
    await vi.advanceTimersByTimeAsync(700);
    expect(state.form.errors['draft.brand']).toBeTruthy();
    expect([state.draft!.brand, state.dirty]).toEqual(['#2f5', true]);
    server.refusal = null;
    type({ brand: '#2f5d4b' });
    await vi.advanceTimersByTimeAsync(700);
    expect([state.form.errors, server.told.draft.brand]).toEqual([{}, '#2f5d4b']);
  });

  it('is saved again by itself when the server was out of reach', async () => {
    server.refusal = new ApiError(0, {});
    type({ title: 'Лавка' });
    await vi.advanceTimersByTimeAsync(700);
    server.refusal = null;
    await vi.advanceTimersByTimeAsync(11_000);
    expect([server.told.draft.title, state.dirty]).toEqual(['Лавка', false]);
  });

  it('takes in what somebody else has saved of other parts', async () => {
    type({ title: 'Моё' });
    server.save(look({ brand: '#966224' }));
    await vi.advanceTimersByTimeAsync(1_500);
    expect(state.clash).toBeNull();
    expect(server.told.draft).toMatchObject({ title: 'Моё', brand: '#966224' });
    expect(state.draft).toMatchObject({ title: 'Моё', brand: '#966224' });
  });
});

describe('when two have edited the same part', () => {
  beforeEach(async () => {
    type({ title: 'Моё', greeting: 'Моё' });
    server.save(look({ title: 'Чужое' }));
    await vi.advanceTimersByTimeAsync(1_500);
  });

  it('nothing is saved nor lost before one of them decides', async () => {
    expect(state.clash?.paths).toEqual(['title']);
    expect(state.draft).toMatchObject({ title: 'Моё', greeting: 'Моё' });
    type({ title: 'Моё ещё' });
    await vi.advanceTimersByTimeAsync(2_000);
    expect(server.told.draft.title).toBe('Чужое');
    expect(await state.save()).toBe(false);
  });

  it('mine may stay', async () => {
    state.keepMine();
    await vi.advanceTimersByTimeAsync(700);
    expect(server.told.draft).toMatchObject({ title: 'Моё', greeting: 'Моё' });
    expect(state.dirty).toBe(false);
  });

  it('theirs may be loaded, and the rest of mine stays', async () => {
    state.takeTheirs();
    await vi.advanceTimersByTimeAsync(700);
    expect(server.told.draft).toMatchObject({ title: 'Чужое', greeting: 'Моё' });
    expect(state.draft?.title).toBe('Чужое');
  });
});

describe('what is not on the site yet', () => {
  const label = { ru: 'Доставка', en: null };
  const changes: AppearanceDraft['changes'] = [
    { what: 'appearance', path: 'brand' },
    { what: 'menu_button', id: 'mbt_1', label, change: 'moved' },
    { what: 'menu_button', id: 'mbt_2', label, change: 'moved' },
    { what: 'menu_button', id: 'mbt_3', label, change: 'new' },
  ];

  it('is said in words, the order once', () => {
    expect(changesText(changes)).toBe('цвет бренда, порядок пунктов меню, новый пункт «Доставка»');
  });

  it('marks its tabs', () => {
    expect([...changedTabs(changes)]).toEqual(['general', 'menu']);
  });
});
