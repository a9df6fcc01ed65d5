// A stand-in for the widget side of the real server (docs/API.md), small enough to misbehave on demand.
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { WebSocketServer } from 'ws';

const DIST = fileURLToPath(new URL('../../dist/', import.meta.url));
const DEMO = fileURLToPath(new URL('../../../demo-site/site/', import.meta.url));
const TYPES = {
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.html': 'text/html; charset=utf-8',
  '.svg': 'image/svg+xml',
};
const CORS = {
  'Access-Control-Allow-Origin': '*',
  'Access-Control-Allow-Headers': 'content-type,x-otklik-site,x-otklik-visitor',
};

export const SITE_KEY = 'site_fake';

export async function startFakeServer({ port = 0, config = {} } = {}) {
  const state = {
    config: {
      version: 1,
      project: { name: 'Тихий свет' },
      appearance: {
        title: 'Тихий свет',
        greeting: '',
        brand: '#2f5d4a',
        side: 'right',
        locale: 'auto',
        ...config.appearance,
      },
      operators_online: true,
      reply_minutes: 3,
      menu_buttons: [],
      telegram: { url: 'https://t.me/tihiysvet_bot' },
      ...config.top,
    },
    conversation: null,
    messages: [],
    sockets: new Set(),
    frames: [],
    requests: [],
    blocksSockets: false,
    unread: 0,
  };

  const http = createServer((request, response) => void answer(state, request, response));
  const wss = new WebSocketServer({ noServer: true });
  http.on('upgrade', (request, socket, head) => {
    if (state.blocksSockets) return socket.destroy();
    wss.handleUpgrade(request, socket, head, (live) => serveSocket(state, live));
  });
  await new Promise((resolve) => http.listen(port, '127.0.0.1', resolve));
  const address = `http://127.0.0.1:${http.address().port}`;

  return {
    address,
    state,
    /** A message of the operator, heard by every subscribed socket. */
    reply(content, name = 'Анна', kind = 'operator') {
      return append(state, { author: { kind, name }, content });
    },
    broadcast: (frame) => broadcast(state, frame),
    dropSockets() {
      for (const live of state.sockets) live.terminate();
    },
    async close() {
      this.dropSockets();
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };
}

function broadcast(state, frame) {
  for (const live of state.sockets) if (live.isSubscribed) live.send(JSON.stringify(frame));
}

function append(state, part) {
  state.conversation ??= { id: 'cnv_1' };
  const seq = state.messages.length + 1;
  const message = {
    id: `msg_${seq}`,
    conversation_id: state.conversation.id,
    seq,
    kind: 'message',
    created_at: new Date().toISOString(),
    client_id: null,
    delivery: null,
    ...part,
  };
  state.messages.push(message);
  broadcast(state, { type: 'event', kind: 'message.created', data: message });
  return message;
}

function receive(state, frame) {
  const known = state.messages.find((message) => message.client_id === frame.client_id);
  const attachments = (frame.content.attachments ?? []).map((id) => state[id]);
  const content = { text: frame.content.text, attachments };
  const message = known ?? append(state, { author: { kind: 'client' }, content, client_id: frame.client_id });
  const { client_id, id, conversation_id, seq, created_at } = message;
  return { client_id, id, conversation_id, seq, created_at };
}

function serveSocket(state, live) {
  state.sockets.add(live);
  live.on('close', () => state.sockets.delete(live));
  live.on('message', (data) => {
    const frame = JSON.parse(String(data));
    state.frames.push(frame);
    const say = (answer) => live.send(JSON.stringify(answer));
    if (frame.type === 'auth') {
      const last = state.messages.at(-1);
      return say({
        type: 'hello',
        visitor_token: frame.visitor_token ?? 'vis_fake',
        contact_id: last ? 'con_1' : null,
        config_version: 1,
        conversation: last ? { id: last.conversation_id, seq: last.seq } : null,
        operators_online: true,
        unread: state.unread,
      });
    }
    if (frame.type === 'subscribe') {
      live.isSubscribed = true;
      for (const message of state.messages.filter((known) => known.seq > frame.from)) {
        say({ type: 'event', kind: 'message.created', data: message });
      }
    }
    if (frame.type === 'message') {
      if (frame.content.text === '/refuse') {
        return say({ type: 'error', client_id: frame.client_id, code: 'blocked', detail: 'чат закрыт' });
      }
      // The connection dies after the commit and before the answer.
      if (frame.content.text === '/die') return (receive(state, frame), live.terminate());
      say({ type: 'ack', ...receive(state, frame) });
    }
    if (frame.type === 'launch') {
      const { client_id } = frame;
      if (state.refusesLaunches) {
        return say({ type: 'error', client_id, code: 'not_found', detail: 'Этой кнопки больше нет' });
      }
      say({ type: 'launched', client_id, contact_id: 'con_1', started: true });
      append(state, { author: { kind: 'bot', name: 'Бот' }, content: { text: 'Какой у вас телефон?' } });
    }
    if (frame.type === 'fields') say({ type: 'fields', client_id: frame.client_id, ok: true });
  });
}

async function answer(state, request, response) {
  const url = new URL(request.url, 'http://fake');
  state.requests.push(`${request.method} ${url.pathname}`);
  const json = (body, status = 200) => {
    response.writeHead(status, { ...CORS, 'Content-Type': 'application/json' });
    response.end(JSON.stringify(body));
  };
  if (request.method === 'OPTIONS') return response.writeHead(204, CORS).end();
  if (url.pathname === '/w/v1/config') return json(state.config);
  if (url.pathname === '/w/v1/telegram-link' && state.failsLinks) return json({ detail: 'no bot' }, 404);
  if (url.pathname === '/w/v1/telegram-link') return json({ url: 'https://t.me/tihiysvet_bot?start=abc' });
  if (url.pathname === '/w/v1/files') return takeFile(state, request, json);
  if (url.pathname === '/w/v1/messages' && request.method === 'POST') {
    return json(receive(state, JSON.parse(await bodyOf(request))), 201);
  }
  if (url.pathname === '/w/v1/messages') {
    const before = Number(url.searchParams.get('before') ?? Infinity);
    const older = state.messages.filter((message) => message.seq < before).reverse();
    return json({ items: older.slice(0, 30), next_cursor: older.length > 30 ? 'more' : null });
  }
  if (url.pathname.startsWith('/demo/')) {
    return file(response, DEMO + (url.pathname.slice(6) || 'index.html'), { __OTKLIK_SITE_KEY__: SITE_KEY });
  }
  if (url.pathname.startsWith('/f/')) return file(response, DEMO + url.pathname.slice(3));
  return file(response, DIST + (url.pathname === '/support.js' ? 'w.js' : url.pathname.slice(1)));
}

async function takeFile(state, request, json) {
  const body = await bodyOf(request);
  const name = /filename="([^"]*)"/.exec(body)?.[1] ?? 'file';
  if (name.endsWith('.exe')) {
    return json({ code: 'file_kind', detail: 'Программы прикреплять нельзя' }, 422);
  }
  const id = `fil_${state.requests.length}`;
  const isPicture = name.endsWith('.svg.png');
  const mime = isPicture ? 'image/png' : 'application/pdf';
  state[id] = { id, name, mime, size: body.length, url: `/f/${id}` };
  json(state[id]);
}

async function bodyOf(request) {
  const parts = [];
  for await (const part of request) parts.push(part);
  return Buffer.concat(parts).toString();
}

async function file(response, path, replacements = {}) {
  try {
    let body = await readFile(path);
    for (const [from, to] of Object.entries(replacements)) {
      if (path.endsWith('.html')) body = body.toString().replaceAll(from, to);
    }
    response.writeHead(200, { ...CORS, 'Content-Type': TYPES[extname(path)] ?? 'application/octet-stream' });
    response.end(body);
  } catch {
    response.writeHead(404, CORS).end();
  }
}
