import { beforeAll, describe, expect, it } from 'vitest';
import { m } from '$lib/paraglide/messages';
import { overwriteGetLocale } from '$lib/paraglide/runtime';
import { reasonText, wayOut } from './wayOut';

const around = {
  projectId: 'prj_1',
  siteKey: 'key',
  origin: 'https://desk.example',
  canConfigure: true,
  isChosen: false,
};
const bot = { health: { bot: { username: '@fern_bot' } } } as never;

beforeAll(() => overwriteGetLocale(() => 'ru'));

describe('why nobody can be written to', () => {
  it.each([
    ['client_writes_first', 'Клиент должен написать первым.'],
    ['connection_off', 'Канал выключен.'],
    ['blocked_by_client', 'Клиент заблокировал бота. Напишите в другом канале.'],
    ['window_closed', 'Окно закрыто, пока клиент не напишет снова.'],
    ['no_way_out', 'Этот канал только принимает сообщения.'],
    ['a_newer_one', 'Канал сейчас закрыт.'],
  ])('%s', (reason, words) => expect(reasonText({ reason, channel: 'telegram' })).toBe(words));

  it('names the address that is missing', () => {
    expect(reasonText({ reason: 'needs_address', channel: 'email' })).toBe('Укажите e-mail.');
    expect(reasonText({ reason: 'needs_address', channel: 'own' })).toBe(
      'Для этого канала нужен другой адрес.',
    );
  });
});

describe('the way out', () => {
  it('is a link for the client where they have to begin', () => {
    const way = (channel: string) => ({ reason: 'client_writes_first', channel });
    expect(wayOut(way('telegram'), { ...around, connection: bot })).toMatchObject({
      link: 'https://t.me/fern_bot',
    });
    expect(wayOut(way('site'), around)).toMatchObject({ link: 'https://desk.example/chat/key' });
    // Without the name of the bot the reason alone stands there.
    expect(wayOut(way('telegram'), around)).toBeNull();
    expect(wayOut(way('own'), around)).toBeNull();
  });

  it('is the settings for those who may change them', () => {
    const way = { reason: 'connection_off', channel: 'email' };
    expect(wayOut(way, around)).toMatchObject({ href: '/projects/prj_1/settings/channels' });
    expect(wayOut(way, { ...around, canConfigure: false })).toBeNull();
  });

  it('is another address for a stranger, and the card of a known client', () => {
    const way = { reason: 'needs_address', channel: 'email' };
    expect(wayOut(way, around)).toEqual({ kind: 'address', label: m.start_chat_out_address() });
    expect(wayOut(way, { ...around, isChosen: true })).toEqual({
      kind: 'card',
      label: m.start_chat_out_card(),
    });
  });

  it('is none where only the client can do something', () => {
    expect(wayOut({ reason: 'blocked_by_client', channel: 'telegram' }, around)).toBeNull();
    expect(wayOut({ reason: 'window_closed', channel: 'own' }, around)).toBeNull();
  });
});
