/** Invented demo data for developing and for pictures. Never bundled: nothing under src/ imports it. */
const now = Date.now();
const at = (minutesAgo) => new Date(now - minutesAgo * 60_000).toISOString();

export const me = {
  id: 'usr_anna',
  email: 'anna@tihiysvet.example',
  name: 'Анна Лебедева',
  role: 'owner',
  locale: 'ru',
  active: true,
};
export const users = [
  me,
  {
    id: 'usr_oleg',
    email: 'oleg@tihiysvet.example',
    name: 'Олег Карпов',
    role: 'admin',
    locale: 'ru',
    active: true,
    project_ids: ['prj_light'],
  },
  {
    id: 'usr_ira',
    email: 'ira@tihiysvet.example',
    name: 'Ирина Сомова',
    role: 'operator',
    locale: 'ru',
    active: true,
    project_ids: ['prj_light'],
  },
];
const appearance = {
  title: 'Тихий свет',
  greeting: 'Здравствуйте. Подскажем по светильникам',
  brand: '#5b5bd6',
  side: 'right',
  locale: 'auto',
};
export const projects = [
  {
    id: 'prj_light',
    name: 'Тихий свет',
    site_key: 'st_9f2c41d07be8',
    allowed_origins: ['https://tihiysvet.example'],
    created_at: at(90_000),
    appearance,
  },
  {
    id: 'prj_demo',
    name: 'Демо-магазин',
    site_key: 'st_demo',
    allowed_origins: [],
    created_at: at(50_000),
    appearance: { ...appearance, title: 'Демо-магазин' },
    demo: true,
  },
];
export const connections = [
  {
    id: 'chn_site',
    kind: 'site',
    title: 'Сайт tihiysvet.example',
    status: 'active',
    settings: {},
    health: { checked_at: at(3), last_in_at: at(2), last_out_at: at(12), error: null },
  },
  {
    id: 'chn_tg',
    kind: 'telegram',
    title: 'Telegram',
    status: 'active',
    settings: { mode: 'polling' },
    health: {
      checked_at: at(1),
      last_in_at: at(1),
      last_out_at: at(12),
      error: null,
      bot: { username: 'tihiysvet_bot' },
    },
  },
  {
    id: 'chn_api',
    kind: 'api',
    title: 'API',
    status: 'error',
    settings: {},
    health: {
      checked_at: at(8),
      last_in_at: at(700),
      last_out_at: null,
      error: { code: 'unauthorized', detail: 'Адрес обработчика отвечает 401. Проверьте ключ.' },
    },
  },
];

const value = (text, source, verified = false) => [
  { value: text, verified, source, set_by: null, set_at: at(600) },
];

function contact(id, channel, handle, name, fields = {}, group = `mlt_${id}`, online = false) {
  return {
    id: `con_${id}`,
    project_id: 'prj_light',
    connection_id: channel === 'telegram' ? 'chn_tg' : channel === 'site' ? 'chn_site' : `chn_${channel}`,
    channel,
    external_id: id,
    handle,
    name,
    fields,
    tags: [],
    multi_contact_id: group,
    online,
    created_at: at(20_000),
    last_seen_at: at(30),
  };
}

const phone = value('+7 912 555-01-42', 'bot');
export const contacts = [
  contact(
    'marina_tg',
    'telegram',
    '@marina_kv',
    'Марина Ковалёва',
    {
      name: value('Марина Ковалёва', 'channel', true),
      phone: value('+7 912 555-01-42', 'channel', true),
      contract: value('ОПТ-0093', 'operator', true),
      customer_id: value('C-20417', 'javascript'),
      city: value('Екатеринбург', 'javascript'),
    },
    'mlt_marina',
    true,
  ),
  contact(
    'marina_site',
    'site',
    'Посетитель 48107',
    null,
    { phone, email: value('m.kovaleva@pochta.example', 'javascript') },
    'mlt_marina',
  ),
  contact(
    'marina_mail',
    'email',
    'm.kovaleva@pochta.example',
    'Марина К.',
    { email: value('m.kovaleva@pochta.example', 'channel') },
    'mlt_marina',
  ),
  contact(
    'birch',
    'email',
    'snab@birch.example',
    'ООО «Берёзовый двор»',
    { contract: value('ОПТ-0147', 'operator', true) },
    'mlt_birch',
  ),
  contact('ilya', 'site', 'Посетитель 48190', 'Илья Сорокин', {}, 'mlt_ilya', true),
  contact('v48213', 'site', 'Посетитель 48213', null),
  contact('timur', 'whatsapp', '+7 900 555-31-07', 'Тимур Галеев'),
  contact('olga', 'vk', 'Ольга Вершинина', 'Ольга Вершинина', {}, 'mlt_olga'),
  contact('denis', 'avito', 'Денис', 'Денис'),
  contact('polina', 'instagram', '@polina.r', 'Полина Реутова'),
  contact('sergey', 'youla', 'Сергей Мельник', 'Сергей Мельник'),
  contact('lev', 'sms', '+7 900 555-20-11', 'Лев Аристов'),
  contact('hotel', 'email', 'hotel@elnik.example', 'Гостиница «Ельник»'),
];
for (let index = 0; index < 60; index += 1) {
  contacts.push(
    contact(
      `more${index}`,
      index % 3 ? 'site' : 'telegram',
      index % 3 ? `Посетитель ${47_000 + index}` : `@client_${index}`,
      index % 4 ? null : `Клиент ${index}`,
    ),
  );
}

export const conversations = [];
export const messages = [];
let position = 1000;
const tick = () => ++position;
export const lastPosition = () => position;
export const nextPosition = tick;

const groupSize = (group) => contacts.filter((item) => item.multi_contact_id === group).length;

export function conversationOf(contactId, status, assignee, minutesAgo, unread = 0, demo = false) {
  const person = contacts.find((item) => item.id === contactId);
  const conversation = {
    id: `cnv_${person.external_id}`,
    project_id: person.project_id,
    contact_id: person.id,
    connection_id: person.connection_id,
    channel: person.channel,
    status,
    assignee_id: assignee,
    department_id: null,
    unread,
    last_message: null,
    seq: 0,
    position: 0,
    created_at: at(minutesAgo),
    closed_at: status === 'closed' ? at(minutesAgo) : null,
    contact: {
      id: person.id,
      name: person.name,
      handle: person.handle,
      channel: person.channel,
      multi_contact_id: person.multi_contact_id,
      multi_contact_size: groupSize(person.multi_contact_id),
      online: person.online,
    },
    test: false,
    demo,
  };
  conversations.push(conversation);
  return conversation;
}

const authors = {
  client: (conversation) => ({
    kind: 'client',
    id: conversation.contact_id,
    name: conversation.contact.name,
  }),
  me: () => ({ kind: 'operator', id: me.id, name: me.name }),
  bot: () => ({ kind: 'bot', id: 'bot_1', name: 'Сбор телефона' }),
  system: () => ({ kind: 'system', id: null, name: null }),
};

export function say(conversation, who, text, minutesAgo, extra = {}) {
  const created = at(minutesAgo);
  const message = {
    id: `msg_${tick()}`,
    conversation_id: conversation.id,
    contact_id: conversation.contact_id,
    connection_id: conversation.connection_id,
    channel: conversation.channel,
    seq: conversation.seq + 1,
    position,
    author: authors[who](conversation),
    kind: 'message',
    content: { text, attachments: [], buttons: [] },
    delivery: who === 'me' || who === 'bot' ? { status: 'read', reason: null, at: created } : null,
    client_id: null,
    reply_to: null,
    created_at: created,
    edited_at: null,
    ...extra,
  };
  conversation.seq = message.seq;
  conversation.position = message.position;
  conversation.last_message = message;
  messages.push(message);
  return message;
}
const event = (code, data) => ({
  kind: 'event',
  delivery: null,
  content: { text: '', attachments: [], buttons: [], event: { code, data } },
});
const note = { kind: 'note', delivery: null };

const mail = conversationOf('con_marina_mail', 'closed', me.id, 56_000);
say(mail, 'client', 'Счёт и доставка двух бра', 56_010);
say(mail, 'me', 'Марина, счёт во вложении. Доставка в четверг.', 56_000, {
  content: {
    text: 'Марина, счёт во вложении. Доставка в четверг.',
    attachments: [
      { id: 'fil_1', name: 'Счёт 4071.pdf', mime: 'application/pdf', size: 184_320, url: '/f/fil_1' },
    ],
    buttons: [],
  },
});
const site = conversationOf('con_marina_site', 'closed', me.id, 900);
say(site, 'client', 'Здравствуйте. «Луна 40» есть матовая?', 900);
say(site, 'bot', 'Оставьте телефон, и мы ответим, даже если уйдёте', 900);
say(site, 'client', '8 912 555-01-42', 899);
say(
  site,
  'system',
  '',
  899,
  event('field.saved', { key: 'phone', value: '+7 912 555-01-42', source: 'bot' }),
);
say(site, 'system', '', 899, event('contact.linked', { rule: 1 }));
say(site, 'me', 'Марина, матовых две. Доставим в четверг с 10 до 14, отложить?', 893, {
  delivery: { status: 'delivered', reason: null, at: at(893) },
});
say(site, 'me', 'Ушла с сайта. Скидка 7 % по договору, пишу в Telegram.', 890, note);
const tg = conversationOf('con_marina_tg', 'open', me.id, 60, 2);
say(tg, 'me', 'Это Анна из «Тихого света». Отложила две «Луны 40».', 14);
say(tg, 'client', 'Беру обе', 10);
say(tg, 'client', 'Вот такое место над столом: https://photos.example/kitchen', 9, {
  content: {
    text: 'Вот такое место над столом: https://photos.example/kitchen',
    attachments: [
      {
        id: 'fil_2',
        name: 'kitchen.png',
        mime: 'image/png',
        size: 96_000,
        url: '/f/fil_2',
        width: 480,
        height: 320,
      },
    ],
    buttons: [],
  },
});
say(tg, 'me', 'Отлично. Передаю на склад.', 8, {
  delivery: { status: 'failed', reason: { code: 'upstream', detail: 'Telegram не отвечает' }, at: at(8) },
});
say(tg, 'client', 'А вечером привезёте?', 3);

const rest = [
  ['birch', 'open', me.id, 31, 1, 'client', 'Счёт на 24 бра, договор ОПТ-0147'],
  ['ilya', 'new', null, 12, 1, 'client', 'А если лампа не подойдёт по высоте?'],
  ['v48213', 'waiting', me.id, 22, 0, 'me', 'Пришлю схему монтажа в PDF'],
  ['timur', 'waiting', me.id, 36, 0, 'me', 'Тимур, курьер будет после шести'],
  ['olga', 'open', me.id, 62, 0, 'client', 'Спасибо, всё подошло'],
  ['denis', 'open', 'usr_oleg', 1_500, 0, 'client', 'Торшер ещё в наличии?'],
  ['polina', 'bot', null, 1_600, 0, 'bot', 'Укажите номер телефона для связи'],
  ['sergey', 'waiting', me.id, 1_700, 0, 'me', 'Договорились на субботу, 11:00'],
  ['lev', 'closed', me.id, 2_900, 0, 'me', 'Заказ 71 092 готов к выдаче'],
  ['hotel', 'open', 'usr_ira', 3_000, 0, 'client', 'Нужны 40 бра к открытию корпуса'],
];
for (const [id, status, assignee, minutes, unread, who, text] of rest.reverse()) {
  const conversation = conversationOf(`con_${id}`, status, assignee, minutes, unread);
  say(conversation, who, text, minutes);
}
for (let index = 0; index < 60; index += 1) {
  const conversation = conversationOf(
    `con_more${index}`,
    index % 5 ? 'closed' : 'open',
    index % 2 ? me.id : 'usr_oleg',
    4_000 + index * 90,
    0,
    index === 3,
  );
  conversation.position = 500 - index;
  say(conversation, 'client', `Вопрос о светильнике номер ${index + 1}`, 4_000 + index * 90);
  conversation.position = 500 - index;
}
