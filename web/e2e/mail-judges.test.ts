import { afterAll, beforeAll, expect, test } from 'vitest';
import { Dovecot } from './support/dovecot';
import { MailDev } from './support/maildev';
import { Product } from './support/product';
import { until } from './support/wait';

/** The judges that people run: Dovecot for what comes in, MailDev for what goes out. */
let product: Product;
let dovecot: Dovecot;
let maildev: MailDev;
let connection: string;

beforeAll(async () => {
  [product, dovecot, maildev] = await Promise.all([Product.start(), Dovecot.start(), MailDev.start()]);
  const server = (port: number) => ({ host: '127.0.0.1', port, security: 'plain' });
  const made = await product.api.project<{ id: string; status: string }>('POST', '/connections', {
    kind: 'email',
    title: 'Почта',
    settings: {
      address: 'sales@shop.example',
      name: 'Лавка «Папоротник»',
      password: dovecot.password,
      smtp: server(maildev.smtp),
      imap: server(dovecot.port),
    },
  });
  expect(made.status).toBe('active');
  connection = made.id;
});

afterAll(async () => {
  await product?.stop();
  await dovecot?.stop();
  await maildev?.stop();
});

const letter = (n: number, text: string) =>
  `From: Anna <anna@client.example>\nTo: sales@shop.example\nSubject: Lamp\nMessage-ID: <${n}@client.example>\n` +
  `Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n${text}\n`;

const said = async () => {
  const conversations = await product.api.conversations();
  const anna = conversations.find(({ contact }) => contact.handle === 'anna@client.example');
  if (!anna) return [];
  const messages = await product.api.messages(anna.id);
  return messages.filter(({ author }) => author.kind === 'client').map(({ content }) => content.text);
};

const saidAre = (...texts: string[]) =>
  until(`${texts.length} letters`, async () => (await said()).length >= texts.length, 40_000).then(async () =>
    expect(await said()).toEqual(texts),
  );

test('Dovecot tells of a letter at once', async () => {
  const health = async () => {
    const { items } = await product.api.project<{ items: { id: string; health: { error: unknown } }[] }>(
      'GET',
      '/connections',
    );
    return items.find(({ id }) => id === connection)!.health;
  };
  expect((await health()).error).toBe(null);
  dovecot.receive(letter(1, 'первое'));
  await saidAre('первое');
  // It waits in IDLE by now: the next is told, not asked for.
  await new Promise((resolve) => setTimeout(resolve, 500));
  const began = Date.now();
  dovecot.receive(letter(2, 'второе'));
  await saidAre('первое', 'второе');
  expect(Date.now() - began).toBeLessThan(5_000);
});

test('a server that goes down and comes back, and one that numbers anew, double nothing and lose nothing', async () => {
  await dovecot.stop();
  dovecot.receive(letter(3, 'пока его не было'));
  await dovecot.run();
  await saidAre('первое', 'второе', 'пока его не было');
  await dovecot.stop();
  dovecot.forgetNumbers();
  dovecot.receive(letter(4, 'после'));
  await dovecot.run();
  await saidAre('первое', 'второе', 'пока его не было', 'после');
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  expect(await said()).toHaveLength(4);
}, 90_000);

test('MailDev reads what we write: a file, both languages, the way out', async () => {
  const conversation = await product.api.conversationWith('первое');
  const form = new FormData();
  form.append('file', new Blob(['a,b\n1,2\n']), 'прайс.csv');
  const file = await product.api.project<{ id: string }>('POST', '/files', form);
  await product.api.project('POST', `/conversations/${conversation.id}/messages`, {
    client_id: 'answer',
    content: { text: 'Добрый день!\nGood day — “lamp” №5', attachments: [file.id] },
  });
  const answer = await until('the answer', async () =>
    (await maildev.caught()).find(({ text }) => text?.includes('Good day')),
  );
  expect(answer).toMatchObject({
    subject: 'Re: Lamp',
    from: [{ address: 'sales@shop.example', name: 'Лавка «Папоротник»' }],
    to: [{ address: 'anna@client.example' }],
  });
  expect(answer.text.replaceAll('\r\n', '\n')).toContain('Добрый день!\nGood day — “lamp” №5');
  expect(answer.attachments?.map(({ fileName }) => fileName)).toEqual(['прайс.csv']);
  expect(answer.headers['in-reply-to']).toMatch(/^<[1-4]@client\.example>$/);

  const mailing = await product.api.project<{ id: string }>('POST', '/mailings', {
    title: 'Зимний свет',
    channels: ['email'],
    body: { text: 'Лампы в подарок', per_channel: { email: { subject: 'Зимний свет / Winter light' } } },
    schedule: { quiet: null },
  });
  await product.api.project('POST', `/mailings/${mailing.id}/start`, {});
  const mailed = await until('the mailing', async () =>
    (await maildev.caught()).find(({ text }) => text?.includes('Лампы в подарок')),
  );
  expect(mailed.subject).toBe('Зимний свет / Winter light');
  expect(mailed.headers['list-unsubscribe']).toMatch(/^<http\S+\/unsubscribe\/\S+>$/);
  expect(mailed.headers['list-unsubscribe-post']).toBe('List-Unsubscribe=One-Click');
});
