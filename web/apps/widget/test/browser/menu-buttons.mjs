/** One button of every kind, for checks and pictures. */
const button = (id, ru, en, target, more = {}) => ({
  id: `mbt_${id}`,
  label: { ru, en },
  colour: null,
  image: null,
  hours: null,
  devices: [],
  target,
  ...more,
});

const phone = { key: 'phone', title: 'Телефон', kind: 'phone' };

export const BUTTONS = [
  button(1, 'Подобрать светильник', 'Find a lamp', { kind: 'scenario' }, { colour: '#966224' }),
  button(2, 'Telegram', null, { kind: 'channel', channel: 'telegram', url: null }, { colour: '#0d74ce' }),
  button(3, 'Перезвоните мне', 'Call me back', { kind: 'callback', fields: [phone] }, { colour: '#60646c' }),
  button(4, 'Позвонить', 'Call us', { kind: 'phone', phone: '8 800 555-01-20' }, { devices: ['phone'] }),
  button(5, 'Таблица размеров', 'Sizes', { kind: 'event', name: 'sizes' }, { colour: '#ffd60a' }),
  button(
    6,
    'Каталог',
    'Catalogue',
    { kind: 'link', url: 'https://shop.example/catalogue', new_tab: true },
    { image: { set: 'document' } },
  ),
  button(7, 'Ночью', 'At night', { kind: 'chat' }, { hours: { days: [], from: '22:00', to: '06:00' } }),
];
