/// <reference types="@sveltejs/kit" />
/// <reference lib="webworker" />
// Shows the notes of web push (ADR 36) while no page of the desk is open, and keeps the desk's own files on devices where it is to be read without
// a network (ADR 40). What clients wrote is kept by the page, not here.
import { build, files, version } from '$service-worker';

declare const self: ServiceWorkerGlobalScope;

interface Note {
  kind?: string;
  title: string;
  body: string;
  /** The client's name may be taken for one of the team's. */
  looks_like?: string;
  conversation_id?: string;
  conversation_ids?: string[];
}

const SHELLS = 'otklik-shell-';
const SHELL = `${SHELLS}${version}`;
/** One page that becomes any page of the desk. */
const PAGE = '/inbox';
const OWN = new Set([...build, ...files]);

self.addEventListener('install', (event) => event.waitUntil(renew()));
self.addEventListener('activate', (event) => event.waitUntil(forgetOld()));

self.addEventListener('message', (event) => {
  const wish = event.data as { keep?: boolean };
  if (wish.keep === undefined) return;
  const done = wish.keep ? keep() : forget(() => true);
  event.waitUntil(done.then(() => event.ports[0]?.postMessage('done')));
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== self.location.origin) return;
  if (request.mode === 'navigate') {
    if (isOfDesk(url.pathname)) event.respondWith(page(request));
  } else if (OWN.has(url.pathname)) event.respondWith(file(request));
});

/** Pages of others on this host: the demo shop, documents for developers, a company's chat. */
const isOfDesk = (path: string) => !/^\/(api|w|f|hooks|json|demo|docs|chat|unsubscribe)(\/|$)/.test(path);

/** The newest page where there is a network, and the kept one where there is none. */
async function page(request: Request): Promise<Response> {
  try {
    return await fetch(request);
  } catch (error) {
    const kept = await (await standing()).match(PAGE);
    if (kept) return kept;
    throw error;
  }
}

async function file(request: Request): Promise<Response> {
  const kept = await (await standing()).match(request.url);
  return kept ?? fetch(request);
}

/** Asking for a cache makes it: only one that is there is looked into. */
async function standing(): Promise<{ match(url: string): Promise<Response | undefined> }> {
  return (await caches.has(SHELL)) ? caches.open(SHELL) : { match: async () => undefined };
}

async function keep() {
  const shell = await caches.open(SHELL);
  // All of it comes at once or none of it: it is there, and without a network it could not be fetched again.
  if (await shell.match(PAGE)) return;
  try {
    await shell.addAll([PAGE, ...OWN]);
  } catch (error) {
    // Half of a desk is none.
    await caches.delete(SHELL);
    throw error;
  }
}

/** Where the desk is kept, its next release is, too, before it takes over. */
async function renew() {
  const names = await caches.keys();
  if (names.some((name) => name.startsWith(SHELLS))) await keep();
}

const forgetOld = () => forget((name) => name !== SHELL);

async function forget(which: (name: string) => boolean) {
  const names = (await caches.keys()).filter((name) => name.startsWith(SHELLS) && which(name));
  await Promise.all(names.map((name) => caches.delete(name)));
}

self.addEventListener('push', (event) => {
  const note = read(event.data);
  if (note.kind === 'read') {
    event.waitUntil(takeAway(note));
    return;
  }
  const place = note.conversation_id ? `/inbox/${note.conversation_id}` : '/inbox';
  // A later note of a conversation takes the place of the one before.
  const options = {
    body: note.body,
    tag: note.conversation_id ?? 'otklik',
    icon: '/icon-192.png',
    data: { place },
    renotify: true,
  };
  event.waitUntil(self.registration.showNotification(titleOf(note), options));
});

/** Read on another device: what was shown of it here goes, and nothing is shown instead (ADR 46). */
async function takeAway({ conversation_id, conversation_ids = [] }: Note) {
  const tags = conversation_id ? [conversation_id] : conversation_ids;
  for (const tag of tags)
    (await self.registration.getNotifications({ tag })).forEach((shown) => shown.close());
}

self.addEventListener('notificationclick', (event) => {
  event.notification.close();
  const { place } = (event.notification.data ?? {}) as { place?: string };
  event.waitUntil(open(place ?? '/inbox'));
});

/** In the language of the device: no page of ours is open that knew another. */
function titleOf({ title, looks_like }: Note): string {
  if (!looks_like) return title;
  return `${title} (${self.navigator.language.startsWith('ru') ? 'не сотрудник' : 'not staff'})`;
}

function read(data: PushMessageData | null): Note {
  try {
    return { title: 'Otklik', body: '', ...(data?.json() as Partial<Note> | undefined) };
  } catch {
    // What cannot be read is told all the same: somebody wrote.
    return { title: 'Otklik', body: '' };
  }
}

/** In a page that is open, or in a new one. */
async function open(place: string) {
  const [page] = await self.clients.matchAll({ type: 'window' });
  if (!page) return self.clients.openWindow(place);
  await page.focus();
  return page.navigate(place).catch(() => self.clients.openWindow(place));
}
