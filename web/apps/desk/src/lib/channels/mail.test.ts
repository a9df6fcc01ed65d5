import type { Connection } from '@otklik/api';
import { expect, it } from 'vitest';
import { emptyMail, mailOf, setAddress, setSecurity, settingsOf } from './mail';

it('guesses servers by the address, and leaves those that somebody chose', () => {
  const draft = emptyMail();
  setAddress(draft, 'sales@bk.ru');
  expect([draft.smtp.host, draft.imap.host]).toEqual(['smtp.mail.ru', 'imap.mail.ru']);
  draft.imap.host = 'mx.shop.example';
  setAddress(draft, 'sales@shop.example');
  expect([draft.smtp.host, draft.imap.host]).toEqual(['smtp.shop.example', 'mx.shop.example']);
  setAddress(draft, 'sales@');
  expect(draft.smtp.host).toBe('');
});

it('lets a port follow the protection unless somebody chose it', () => {
  const draft = emptyMail();
  setSecurity(draft, 'smtp', 'starttls');
  expect(draft.smtp.port).toBe(587);
  draft.smtp.port = 2525;
  setSecurity(draft, 'smtp', 'tls');
  expect(draft.smtp).toEqual({ host: '', port: 2525, security: 'tls' });
});

it('tells the server what was changed, and the password only when it was typed', () => {
  const settings = {
    address: 'sales@shop.example',
    name: 'Лавка',
    smtp: { host: 'smtp.shop.example', port: 465, security: 'tls' },
    imap: { host: 'imap.shop.example', port: 993, security: 'tls' },
    since: 1,
  };
  const before = mailOf({ settings } as unknown as Connection);
  const draft = mailOf({ settings } as unknown as Connection);
  expect(settingsOf(draft, before)).toEqual({});
  draft.signature = 'Лавка';
  draft.imap.port = 143;
  draft.password = ' p ';
  expect(settingsOf(draft, before)).toEqual({
    signature: 'Лавка',
    imap: { host: 'imap.shop.example', port: 143, security: 'tls' },
    password: ' p ',
  });
});
