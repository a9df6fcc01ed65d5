import type { Shell } from '../shell';
import { warnOnce } from '../warn';

/** What a page's calls reach of one visitor's session. */
export interface Visitor {
  readonly shell: Pick<Shell, 'open' | 'emit' | 'setup'>;
  readonly contactId: string | null;
  readonly pages: { set(url?: string, title?: string): void };
  readonly typists: { theirs(name: string, fadesAfterMs: number): void };
  send(text: string): void;
  setFields(fields: Record<string, unknown>): void;
  identify(token: string): void;
  logout(): void;
  sendEvent(name: string, data: unknown): void;
  showLocal(text: string, operator: string | null): void;
}

type Verb = (session: Visitor, ...args: never[]) => unknown;

interface ClientInfo {
  name?: string;
  phone?: string;
  email?: string;
  custom?: Record<string, unknown>;
}

/** What pages may ask besides showing and hiding, which the loader does. Names of the source product are aliases. */
const VERBS: Record<string, Verb> = {
  send: (session, text: string) => session.send(String(text)),
  sendMessage: (session, text: string) => session.send(String(text)),
  setFields,
  setClientInfo: (session, { custom, ...known }: ClientInfo) => setFields(session, { ...known, ...custom }),
  getContacts: (session, tell: (contacts: unknown) => void) => tell(contactsOf(session)),
  getClientId: (session, tell: (id: string | null) => void) => tell(clientId(session)),
  receiveMessage,
  identify: (session, { token }: { token: string }) => session.identify(token),
  logout: (session) => session.logout(),
  event: (session, name: string, data: unknown = null) => session.sendEvent(name, data),
  page: (session, { url, title }: { url?: string; title?: string } = {}) => session.pages.set(url, title),
  get: (session, [what]: [string]) => get(session, what),
  openTab: (session) => session.shell.open(),
  openReviewsTab: (session) => {
    session.shell.open();
    warnOnce('openReviewsTab', 'has no form yet, the chat opens');
  },
  setClientTags: () => warnOnce('setClientTags', 'has no effect yet'),
  setTarget: () => warnOnce('setTarget', 'has no effect yet'),
  setOperator: () => warnOnce('setOperator', 'has no effect yet'),
};

export function callVerb(session: Visitor, verb: string, args: unknown[]): unknown {
  if (!Object.hasOwn(VERBS, verb)) return warnOnce(verb, 'is not a known call');
  return VERBS[verb]!(session, ...((verb === 'get' ? [args] : args) as never[]));
}

/** Fields are remembered for the page's own questions; the server's copy is never shown to a page. */
const given = new WeakMap<Visitor, Record<string, unknown>>();

function setFields(session: Visitor, fields: Record<string, unknown>) {
  const present = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
  given.set(session, { ...given.get(session), ...present });
  session.setFields(present);
  session.shell.emit('contacts', contactsOf(session));
}

function contactsOf(session: Visitor) {
  const { name = null, phone = null, email = null } = given.get(session) ?? {};
  return { name, phone, email };
}

function clientId(session: Visitor): string | null {
  return session.contactId ?? session.shell.setup.clientId ?? null;
}

function get(session: Visitor, what: string): unknown {
  if (what === 'visitorId' || what === 'clientId') return clientId(session);
  if (what === 'contacts') return contactsOf(session);
  return warnOnce(`get ${what}`, 'is not a known question');
}

function receiveMessage(session: Visitor, text: string, operator: string | null = null, typingMs = 0) {
  const name = operator ?? '';
  if (typingMs > 0) session.typists.theirs(name, typingMs + 500);
  setTimeout(() => session.showLocal(String(text), operator), typingMs);
}
