import * as chats from './data.mjs';
import * as settings from './settings.mjs';

const data = { ...chats, ...settings };

const FOLDERS = {
  mine: (c) => c.assignee_id === data.me.id && c.status !== 'closed',
  new: (c) => c.status === 'new',
  open: (c) => ['open', 'waiting', 'snoozed'].includes(c.status),
  bot: (c) => c.status === 'bot',
  closed: (c) => c.status === 'closed',
  all: () => true,
};

const page = (items, query, size = 50) => {
  const from = Number(query.get('cursor') ?? 0);
  const limit = Number(query.get('limit') ?? size);
  const next = from + limit < items.length ? String(from + limit) : null;
  return { items: items.slice(from, from + limit), next_cursor: next };
};
const problem = (status, code, detail, errors = []) => ({
  status,
  body: { type: 'about:blank', title: code, status, code, detail, request_id: 'req_mock', errors },
});
const notFound = () => problem(404, 'not_found', 'Не найдено');
let next = 1;
const newId = (prefix) => `${prefix}_new${next++}`;

let signedIn = true;
const sessionBody = () => ({
  user: data.me,
  account: { id: 'acc_1', name: 'Тихий свет' },
  projects: data.projects,
  csrf: 'mock',
});

/** Every route: method, pattern, handler(params, body, query, broadcast) -> body or {status, body}. */
export const routes = [
  ['GET', '/me', () => (signedIn ? sessionBody() : problem(401, 'unauthorized', ''))],
  ['PATCH', '/me', (_, body) => (Object.assign(data.me, body), sessionBody())],
  [
    'POST',
    '/session',
    (_, body) => {
      if (body.password === 'limit')
        return { ...problem(429, 'rate_limited', ''), headers: { 'Retry-After': '180' } };
      if (body.password !== 'demo') return problem(401, 'invalid_credentials', '');
      signedIn = true;
      return sessionBody();
    },
  ],
  ['DELETE', '/session', () => ((signedIn = false), null)],
  ['DELETE', '/sessions', () => ((signedIn = false), null)],
  [
    'GET',
    '/invitations/:token',
    (p) => (p.token === 'bad' ? notFound() : { email: 'new@tihiysvet.example', name: '' }),
  ],
  ['POST', '/invitations/:token', () => ((signedIn = true), sessionBody())],
  ['GET', '/users', () => ({ items: data.users, next_cursor: null })],
  [
    'POST',
    '/users',
    (_, body) => {
      const user = { id: newId('usr'), locale: 'ru', active: true, invited: true, ...body };
      data.users.push(user);
      return { user, invite_url: 'http://127.0.0.1:8080/invite/abc123' };
    },
  ],
  [
    'PATCH',
    '/users/:id',
    (p, body) =>
      Object.assign(
        data.users.find((u) => u.id === p.id),
        body,
      ),
  ],
  ['GET', '/projects', () => ({ items: data.projects, next_cursor: null })],
  [
    'POST',
    '/projects',
    (_, body) => {
      const project = { ...data.projects[0], id: newId('prj'), allowed_origins: [], ...body };
      data.projects.push(project);
      return project;
    },
  ],
  [
    'PATCH',
    '/projects/:pid',
    (p, body) => {
      const project = data.projects.find((item) => item.id === p.pid);
      return Object.assign(project, body, { appearance: { ...project.appearance, ...body.appearance } });
    },
  ],
  [
    'GET',
    '/projects/:pid/users',
    () => ({
      items: data.users.map(({ id, name, role }) => ({ id, name, role, online: true })),
      next_cursor: null,
    }),
  ],
  [
    'GET',
    '/projects/:pid/conversations/counts',
    (p) => {
      const own = data.conversations.filter((c) => c.project_id === p.pid);
      return Object.fromEntries(
        Object.entries(FOLDERS).map(([k, f]) => [
          k,
          own.filter((c) => f(c) && (k === 'closed' || c.status !== 'closed')).length,
        ]),
      );
    },
  ],
  [
    'GET',
    '/projects/:pid/conversations',
    (p, _, query) => {
      const text = (query.get('q') ?? '').toLowerCase();
      const matches = (c) =>
        !text ||
        `${c.contact.name} ${c.contact.handle} ${c.last_message?.content.text}`.toLowerCase().includes(text);
      const own = data.conversations.filter(
        (c) => c.project_id === p.pid && FOLDERS[query.get('folder') ?? 'all'](c) && matches(c),
      );
      return page(
        own.sort((a, b) => b.position - a.position),
        query,
      );
    },
  ],
  [
    'GET',
    '/projects/:pid/conversations/:id',
    (p) => data.conversations.find((c) => c.id === p.id && c.project_id === p.pid) ?? notFound(),
  ],
  [
    'POST',
    '/projects/:pid/conversations/:id/assign',
    (p, body, _, tell) => change(p.id, { assignee_id: body.user_id, status: 'open' }, tell),
  ],
  [
    'POST',
    '/projects/:pid/conversations/:id/close',
    (p, _b, _q, tell) => change(p.id, { status: 'closed', closed_at: new Date().toISOString() }, tell),
  ],
  [
    'POST',
    '/projects/:pid/conversations/:id/reopen',
    (p, _b, _q, tell) => change(p.id, { status: 'open', closed_at: null }, tell),
  ],
  ['POST', '/projects/:pid/conversations/:id/read', (p, _b, _q, tell) => change(p.id, { unread: 0 }, tell)],
  [
    'POST',
    '/projects/:pid/messages/:id/retry',
    (p, _b, _q, tell) => {
      const message = data.messages.find((item) => item.id === p.id);
      deliver(message, 'queued', tell);
      setTimeout(() => deliver(message, 'sent', tell), 1_500);
      return message;
    },
  ],
  [
    'POST',
    '/projects/:pid/files',
    () => ({
      id: newId('fil'),
      name: 'файл.png',
      mime: 'image/png',
      size: 90_000,
      url: '/f/fil_2',
      width: 480,
      height: 320,
    }),
  ],
  [
    'GET',
    '/projects/:pid/contacts',
    (p, _, query) => {
      const text = (query.get('q') ?? '').toLowerCase();
      const own = data.contacts.filter(
        (c) => c.project_id === p.pid && `${c.name} ${c.handle}`.toLowerCase().includes(text),
      );
      return page(own, query);
    },
  ],
  [
    'GET',
    '/projects/:pid/contacts/:id/timeline',
    (p, _, query) => {
      const person = data.contacts.find((c) => c.id === p.id);
      const group = data.contacts
        .filter((c) => c.multi_contact_id === person.multi_contact_id)
        .map((c) => c.id);
      const own = data.messages.filter((item) => group.includes(item.contact_id));
      return page(
        own.sort((a, b) => b.position - a.position),
        query,
      );
    },
  ],
  [
    'GET',
    '/projects/:pid/contacts/:id/conversations',
    (p) => {
      const group = data.contacts.find((c) => c.id === p.id).multi_contact_id;
      const items = data.conversations.filter((c) => c.contact.multi_contact_id === group).reverse();
      return { items, next_cursor: null };
    },
  ],
  [
    'GET',
    '/projects/:pid/contacts/:id/reply-channels',
    (p) => {
      const person = data.contacts.find((c) => c.id === p.id);
      const group = data.contacts.filter((c) => c.multi_contact_id === person.multi_contact_id);
      const titles = { site: 'Сайт', telegram: 'Telegram', email: 'E-mail' };
      return {
        items: group.map((c) => ({
          contact_id: c.id,
          connection_id: c.connection_id,
          channel: c.channel,
          title: titles[c.channel] ?? c.channel,
          handle: c.handle,
          can_write: c.channel !== 'email',
          reason: c.channel === 'email' ? 'connection_off' : null,
          online: c.online,
          last_message_at: c.last_seen_at,
        })),
        next_cursor: null,
      };
    },
  ],
  [
    'GET',
    '/projects/:pid/contacts/:id/multi-contact',
    (p) => {
      const person = data.contacts.find((c) => c.id === p.id);
      const contacts = data.contacts.filter((c) => c.multi_contact_id === person.multi_contact_id);
      return { id: person.multi_contact_id, contacts, links: contacts.length > 1 ? data.marinaLinks : [] };
    },
  ],
  ['GET', '/projects/:pid/contacts/:id', (p) => data.contacts.find((c) => c.id === p.id) ?? notFound()],
  [
    'PATCH',
    '/projects/:pid/contacts/:id',
    (p, body, _, tell) => {
      const person = data.contacts.find((c) => c.id === p.id);
      for (const [key, raw] of Object.entries(body.fields)) {
        if (raw === null) delete person.fields[key];
        else
          person.fields[key] = [raw].flat().map((value) => ({
            value,
            verified: true,
            source: 'operator',
            set_by: data.me.id,
            set_at: new Date().toISOString(),
          }));
      }
      tell('contact.updated', person);
      return person;
    },
  ],
  ...crud('fields', data.fields, 'key', (body) => ({ ...data.fields.at(-1), built_in: false, ...body })),
  [
    'PUT',
    '/projects/:pid/fields/order',
    (_, body) => {
      data.fields.sort((a, b) => body.keys.indexOf(a.key) - body.keys.indexOf(b.key));
      return { items: data.fields, next_cursor: null };
    },
  ],
  ...['archived-fields', 'jobs', 'multi-contact-conflicts'].map((name) => [
    'GET',
    `/projects/:pid/${name}`,
    () => ({ items: [], next_cursor: null }),
  ]),
  ['POST', '/projects/:pid/multi-contact-rules/preview', () => data.preview],
  ...crud('multi-contact-rules', data.rules, 'id', (body) => ({
    id: newId('mcr'),
    key: newId('rule'),
    contacts: 0,
    ...body,
  })),
  [
    'GET',
    '/projects/:pid/multi-contact-settings',
    () => ({ hub_limit: 20, max_group: 100, default_region: 'RU', placeholders: ['нет', '-'] }),
  ],
  ['POST', '/projects/:pid/connections/:id/check', (p) => data.connections.find((c) => c.id === p.id)],
  ...crud('connections', data.connections, 'id', (body) => ({
    id: newId('chn'),
    status: 'active',
    health: {
      checked_at: new Date().toISOString(),
      last_in_at: null,
      last_out_at: null,
      error: null,
      bot: { username: 'demo_bot' },
    },
    ...body,
  })),
];

function crud(name, list, key, make) {
  const base = `/projects/:pid/${name}`;
  return [
    ['GET', base, () => ({ items: list, next_cursor: null })],
    [
      'POST',
      base,
      (_, body) => {
        if (list.some((item) => item[key] === body[key]))
          return problem(422, 'invalid', 'Проверьте поля', [
            { path: key, code: 'taken', message: 'Такой ключ уже есть' },
          ]);
        const item = make(body);
        list.push(item);
        return item;
      },
    ],
    [
      'PATCH',
      `${base}/:id`,
      (p, body) =>
        Object.assign(
          list.find((item) => item[key] === p.id),
          body,
        ),
    ],
    [
      'DELETE',
      `${base}/:id`,
      (p) => (
        list.splice(
          list.findIndex((item) => item[key] === p.id),
          1,
        ),
        null
      ),
    ],
  ];
}

function change(id, values, tell) {
  const conversation = data.conversations.find((c) => c.id === id);
  Object.assign(conversation, values, { position: data.nextPosition() });
  tell('conversation.updated', conversation);
  return conversation;
}

export function deliver(message, status, tell) {
  message.delivery = { status, reason: null, at: new Date().toISOString() };
  tell('delivery.updated', {
    message_id: message.id,
    conversation_id: message.conversation_id,
    delivery: message.delivery,
  });
}
