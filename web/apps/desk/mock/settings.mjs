/** Demo fields, rules and the preview of the mock. */
import { contacts } from './data.mjs';

const field = (key, title, kind, extra = {}) => ({
  key,
  title,
  kind,
  options: null,
  show_when_empty: true,
  multi: false,
  required: false,
  read_only: false,
  exclusive: false,
  built_in: false,
  hidden: false,
  ...extra,
});
export const fields = [
  field('name', 'Имя', 'text', { built_in: true }),
  field('phone', 'Мобильный телефон', 'phone', { built_in: true, multi: true }),
  field('email', 'E-mail', 'email', { built_in: true, multi: true }),
  field('city', 'Город доставки', 'list', {
    options: ['Екатеринбург', 'Москва', 'Пермь', 'Тюмень', 'Челябинск'],
  }),
  field('contract', 'Номер договора', 'id', { built_in: true }),
  field('customer_id', 'ID клиента', 'id', { built_in: true, show_when_empty: false }),
  field('skype', 'Skype', 'id', { built_in: true }),
  field('personal_account', 'Лицевой счёт', 'id', { built_in: true, show_when_empty: false }),
  field('birth_date', 'Дата рождения', 'date', { show_when_empty: false }),
  field('discount', 'Скидка', 'number', { show_when_empty: false }),
];
export const rules = [
  {
    id: 'mcr_1',
    key: 'phone',
    fields: ['phone'],
    mode: 'at_once',
    enabled: true,
    verified_only: false,
    hub_limit: null,
    position: 1,
    contacts: 2871,
  },
  {
    id: 'mcr_2',
    key: 'email',
    fields: ['email'],
    mode: 'at_once',
    enabled: true,
    verified_only: false,
    hub_limit: null,
    position: 2,
    contacts: 1406,
  },
  {
    id: 'mcr_4',
    key: 'skype',
    fields: ['skype'],
    mode: 'suggest',
    enabled: false,
    verified_only: false,
    hub_limit: null,
    position: 3,
    contacts: 38,
  },
];
export const marinaLinks = [
  {
    a: 'con_marina_tg',
    b: 'con_marina_site',
    rule_id: 'mcr_1',
    field_values: [{ field: 'phone', value: '+7 912 555-01-42', verified: true }],
    kind: 'rule',
  },
  {
    a: 'con_marina_site',
    b: 'con_marina_mail',
    rule_id: 'mcr_2',
    field_values: [{ field: 'email', value: 'm.kovaleva@pochta.example', verified: false }],
    kind: 'rule',
  },
];
const face = (id) => {
  const { name, handle, channel } = contacts.find((item) => item.id === id);
  return { id, name, handle, channel };
};
export const preview = {
  before: { contacts: 48_216, groups: 3_104 },
  after: { contacts: 48_216, groups: 3_182 },
  merges: 96,
  splits: 0,
  joined_contacts: 214,
  new_groups: 78,
  grown_groups: 18,
  largest: [
    { size: 9, contacts: [face('con_birch')] },
    { size: 6, contacts: [face('con_marina_tg')] },
    { size: 5, contacts: [face('con_hotel')] },
  ],
  hub_values: [{ fields: ['contract', 'city'], value: 'ОПТ-0001 · Москва', holders: 27 }],
  proposals: 0,
  conflicts: { count: 0, samples: [] },
  separated: [],
  samples: [
    {
      a: face('con_marina_tg'),
      b: face('con_marina_mail'),
      rule_id: null,
      values: [
        { field: 'contract', value: 'ОПТ-0093' },
        { field: 'city', value: 'Екатеринбург' },
      ],
    },
    {
      a: face('con_timur'),
      b: face('con_v48213'),
      rule_id: null,
      values: [
        { field: 'contract', value: 'ОПТ-0118' },
        { field: 'city', value: 'Пермь' },
      ],
    },
  ],
};
