import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join } from 'node:path';
import { WebSocketServer } from 'ws';
import * as data from './data.mjs';
import { deliver, routes } from './routes.mjs';

/** A stand-in for the binary: the API of docs/API.md over demo data, and the built desk. For developing only. */
const port = Number(process.env.PORT ?? 5199);
const build = new URL('../build/', import.meta.url).pathname;
const types = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
  '.json': 'application/json',
};
const picture = `<svg xmlns="http://www.w3.org/2000/svg" width="480" height="320"><rect width="480" height="320" fill="#d9d4cb"/><rect y="230" width="480" height="90" fill="#8f7f6b"/><circle cx="240" cy="110" r="52" fill="#f7e9c0"/><path d="M240 0v60" stroke="#444" stroke-width="3"/></svg>`;

const compiled = routes.map(([method, pattern, handler]) => {
  const names = [...pattern.matchAll(/:(\w+)/g)].map((match) => match[1]);
  return { method, names, regex: new RegExp(`^/api/v1${pattern.replace(/:\w+/g, '([^/]+)')}$`), handler };
});
const sockets = new Set();
const tell = (kind, payload) => {
  const frame = JSON.stringify({
    type: 'event',
    position: data.nextPosition(),
    project_id: 'prj_light',
    kind,
    data: payload,
  });
  sockets.forEach((socket) => socket.send(frame));
};

const server = createServer(async (request, response) => {
  const url = new URL(request.url, 'http://mock');
  if (url.pathname.startsWith('/f/'))
    return void response.writeHead(200, { 'Content-Type': 'image/svg+xml' }).end(picture);
  if (url.pathname.startsWith('/api/')) return answerApi(request, response, url);
  return serveBuild(response, url.pathname);
});

async function answerApi(request, response, url) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const isJson = (request.headers['content-type'] ?? '').includes('json');
  const body = isJson ? JSON.parse(Buffer.concat(chunks).toString() || '{}') : {};
  for (const route of compiled) {
    const match = request.method === route.method && route.regex.exec(url.pathname);
    if (!match) continue;
    const params = Object.fromEntries(
      route.names.map((name, index) => [name, decodeURIComponent(match[index + 1])]),
    );
    const answer = route.handler(params, body, url.searchParams, tell);
    const isProblem = answer && typeof answer.status === 'number' && answer.body;
    response.writeHead(isProblem ? answer.status : 200, {
      'Content-Type': 'application/json',
      ...answer?.headers,
    });
    return response.end(answer === null ? '' : JSON.stringify(isProblem ? answer.body : answer));
  }
  response.writeHead(404, { 'Content-Type': 'application/problem+json' });
  return response.end(
    JSON.stringify({
      code: 'not_found',
      status: 404,
      title: 'not found',
      detail: url.pathname,
      request_id: 'req_mock',
      errors: [],
    }),
  );
}

async function serveBuild(response, path) {
  const csp =
    "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' blob: data:; connect-src 'self' ws: wss:";
  try {
    const file = await readFile(join(build, path === '/' ? 'index.html' : path));
    response
      .writeHead(200, { 'Content-Type': types[extname(path)] ?? 'text/html', 'Content-Security-Policy': csp })
      .end(file);
  } catch {
    response
      .writeHead(200, { 'Content-Type': 'text/html', 'Content-Security-Policy': csp })
      .end(await readFile(join(build, 'index.html')));
  }
}

new WebSocketServer({ server, path: '/api/v1/live' }).on('connection', (socket) => {
  socket.on('message', (raw) => {
    const frame = JSON.parse(raw);
    if (frame.type === 'auth') {
      const online = data.contacts.filter((item) => item.online).map((item) => item.id);
      socket.send(
        JSON.stringify({
          type: 'hello',
          user: data.me,
          position: data.lastPosition(),
          online_contacts: online,
        }),
      );
      sockets.add(socket);
    }
    if (frame.type === 'message') receive(socket, frame);
    if (frame.type === 'read') markRead(frame);
  });
  socket.on('close', () => sockets.delete(socket));
});

function markRead(frame) {
  const conversation = data.conversations.find((c) => c.id === frame.conversation_id);
  if (conversation) conversation.unread = 0;
  tell('conversation.read', { conversation_id: frame.conversation_id, user_id: data.me.id, seq: frame.seq });
}

function receive(socket, frame) {
  const conversation = data.conversations.find((c) =>
    frame.contact_id ? c.contact_id === frame.contact_id : c.id === frame.conversation_id,
  );
  const known = data.messages.find((item) => item.client_id === frame.client_id);
  if (!known && frame.content.text === 'stale' && frame.seen_seq !== undefined) {
    return socket.send(
      JSON.stringify({
        type: 'error',
        client_id: frame.client_id,
        code: 'stale',
        detail: 'Коллега уже ответил',
      }),
    );
  }
  const extra = {
    client_id: frame.client_id,
    ...(frame.kind === 'note'
      ? { kind: 'note', delivery: null }
      : { delivery: { status: 'queued', reason: null, at: new Date().toISOString() } }),
  };
  const message = known ?? data.say(conversation, 'me', frame.content.text, 0, extra);
  socket.send(
    JSON.stringify({
      type: 'ack',
      client_id: frame.client_id,
      id: message.id,
      conversation_id: message.conversation_id,
      seq: message.seq,
      message,
    }),
  );
  if (known) return;
  tell('message.created', message);
  if (message.kind === 'message') {
    setTimeout(() => deliver(message, 'sent', tell), 800);
    setTimeout(() => deliver(message, 'delivered', tell), 1_600);
  }
}

// MOCK_LIVE=1: a client writes now and then, as in life.
if (process.env.MOCK_LIVE) {
  setInterval(() => {
    const conversation = data.conversations[Math.floor(Math.random() * 12)];
    conversation.unread += 1;
    tell('message.created', data.say(conversation, 'client', 'Ещё вопрос: есть ли доставка в выходные?', 0));
  }, 6_000);
}

server.listen(port, '127.0.0.1', () => console.log(`mock on http://127.0.0.1:${port}`));
