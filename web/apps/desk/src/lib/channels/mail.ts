import type { Connection } from '@otklik/api';

export type Security = 'tls' | 'starttls' | 'plain';

export interface MailServer {
  host: string;
  port: number;
  security: Security;
}

/** What is asked of a mailbox. */
export interface MailDraft {
  address: string;
  name: string;
  login: string;
  /** Empty for the one that the server has. */
  password: string;
  smtp: MailServer;
  imap: MailServer;
  signature: string;
  /** The name under which its server writes what it found of senders; empty for that of its own domain. */
  authserv_id: string;
}

export type Side = 'smtp' | 'imap';

const PORTS: Record<Side, Record<Security, number>> = {
  smtp: { tls: 465, starttls: 587, plain: 25 },
  imap: { tls: 993, starttls: 143, plain: 143 },
};

/** Servers of providers whose names do not follow from the address. */
const PROVIDERS: Record<string, string> = {
  'bk.ru': 'mail.ru',
  'inbox.ru': 'mail.ru',
  'list.ru': 'mail.ru',
  'internet.ru': 'mail.ru',
  'ya.ru': 'yandex.ru',
  'yandex.com': 'yandex.ru',
  'yandex.by': 'yandex.ru',
  'yandex.kz': 'yandex.ru',
  'googlemail.com': 'gmail.com',
};

const guess = (side: Side, address: string): string => {
  const domain = (address.trim().split('@')[1] ?? '').toLowerCase();
  return domain.includes('.') ? `${side}.${PROVIDERS[domain] ?? domain}` : '';
};

export const emptyMail = (): MailDraft => ({
  address: '',
  name: '',
  login: '',
  password: '',
  smtp: { host: '', port: PORTS.smtp.tls, security: 'tls' },
  imap: { host: '', port: PORTS.imap.tls, security: 'tls' },
  signature: '',
  authserv_id: '',
});

/** The draft of a connected mailbox. */
export function mailOf(connection: Connection): MailDraft {
  const settings = connection.settings as Partial<MailDraft>;
  const draft = emptyMail();
  return {
    ...draft,
    address: settings.address ?? '',
    name: settings.name ?? '',
    login: settings.login ?? '',
    smtp: { ...draft.smtp, ...settings.smtp },
    imap: { ...draft.imap, ...settings.imap },
    signature: settings.signature ?? '',
    authserv_id: settings.authserv_id ?? '',
  };
}

/** Another address: servers that nobody chose by hand follow it. */
export function setAddress(draft: MailDraft, address: string) {
  for (const side of ['smtp', 'imap'] as const) {
    const isGuessed = !draft[side].host || draft[side].host === guess(side, draft.address);
    if (isGuessed) draft[side].host = guess(side, address);
  }
  draft.address = address;
}

/** Another protection: a port that nobody chose by hand follows it. */
export function setSecurity(draft: MailDraft, side: Side, security: Security) {
  const server = draft[side];
  if (server.port === PORTS[side][server.security]) server.port = PORTS[side][security];
  server.security = security;
}

/** The settings as the server takes them; of a connected mailbox only what was changed. */
export function settingsOf(draft: MailDraft, before?: MailDraft): Record<string, unknown> {
  const server = ({ host, port, security }: MailServer) => ({ host: host.trim(), port, security });
  const all: Record<string, unknown> = {
    address: draft.address.trim(),
    name: draft.name.trim(),
    login: draft.login.trim(),
    smtp: server(draft.smtp),
    imap: server(draft.imap),
    signature: draft.signature,
    authserv_id: draft.authserv_id.trim(),
  };
  const was = before ? settingsOf(before) : {};
  const isChanged = (key: string) => JSON.stringify(all[key]) !== JSON.stringify(was[key]);
  const changed = Object.fromEntries(Object.entries(all).filter(([key]) => isChanged(key)));
  return draft.password ? { ...changed, password: draft.password } : changed;
}
