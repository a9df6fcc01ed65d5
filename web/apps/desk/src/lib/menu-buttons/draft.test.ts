import type { MenuButton } from '@otklik/api';
import { describe, expect, it } from 'vitest';
import { bodyOf, draftOf, setPicture } from './draft';
import { whyNot } from './shownNow';

const BRAND = '#2f5d4a';

function button(target: MenuButton['target'], rest: Partial<MenuButton> = {}): MenuButton {
  return {
    id: 'mbt_1',
    enabled: true,
    label: { ru: 'Подобрать', en: null },
    colour: null,
    image: null,
    hours: null,
    devices: [],
    target,
    problem: null,
    change: null,
    created_at: '2026-11-28T10:00:00Z',
    updated_at: '2026-11-28T10:00:00Z',
    ...rest,
  };
}

describe('the form of a menu button', () => {
  const targets: MenuButton['target'][] = [
    { kind: 'scenario', scenario_id: 'scn_1' },
    { kind: 'chat' },
    { kind: 'channel', channel: 'telegram', url: undefined },
    { kind: 'channel', channel: 'vk', url: 'https://vk.com/shop' },
    { kind: 'phone', phone: '8 800 555-01-20' },
    { kind: 'link', url: 'https://shop.example', new_tab: false },
    { kind: 'callback', fields: ['name', 'phone'] },
    { kind: 'event', name: 'sizes' },
  ];

  it.each(targets)('sends what it was opened with: $kind', (target) => {
    const body = bodyOf(draftOf(button(target), BRAND));
    const url = 'url' in target ? { url: target.url ?? null } : {};
    expect(body).toEqual({
      label: { ru: 'Подобрать', en: null },
      colour: null,
      image: null,
      hours: null,
      devices: [],
      target: { ...target, ...url },
    });
  });

  it('keeps a picture, a colour, hours and devices', () => {
    const hours: MenuButton['hours'] = { days: ['mon', 'sun'], from: '22:00', to: '06:00' };
    const image = { set: null, file_id: 'fil_1', url: '/f/fil_1' };
    const full = button({ kind: 'chat' }, { image, hours, colour: '#966224', devices: ['phone'] });
    const body = bodyOf(draftOf(full, BRAND));
    expect(body).toMatchObject({
      image: { file_id: 'fil_1' },
      colour: '#966224',
      hours,
      devices: ['phone'],
    });
  });

  it('takes the picture of the kind, until one is chosen', () => {
    const draft = draftOf(button({ kind: 'channel', channel: 'viber', url: 'viber://x' }), BRAND);
    expect(setPicture(draft)).toBe('viber');
    expect(setPicture({ ...draft, kind: 'scenario' })).toBe('robot');
    expect(setPicture({ ...draft, picture: 'gift' })).toBe('gift');
  });
});

describe('why a button is not on the site', () => {
  const noon = new Date('2026-11-27T12:00:00+03:00');
  const why = (rest: Partial<MenuButton>) =>
    whyNot(button({ kind: 'chat' }, rest), 'desktop', 'Europe/Moscow', noon);

  it('names the first reason that holds', () => {
    const hours: MenuButton['hours'] = { days: ['fri'], from: '13:00', to: '18:00' };
    expect(why({})).toBeNull();
    expect(why({ hours })).toBe('hours');
    expect(why({ hours, devices: ['phone'] })).toBe('device');
    expect(why({ devices: ['phone'], problem: 'scenario_gone' })).toBe('problem');
    expect(why({ problem: 'scenario_gone', enabled: false })).toBe('off');
  });
});
