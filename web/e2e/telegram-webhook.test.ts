import { afterAll, beforeAll, expect, test } from 'vitest';
import { Product } from './support/product';
import { paper } from './support/samples';
import { until } from './support/wait';
import { Control, type Person } from './telegram-fake/control';
import { TelegramFake } from './telegram-fake/server';

let product: Product;
let fake: TelegramFake;
let control: Control;
let nina: Person;

beforeAll(async () => {
  fake = await TelegramFake.start();
  product = await Product.start();
  control = new Control(fake, fake.newBot());
  nina = control.person(7, 'Нина');
  await product.api.connectTelegram(fake.url, control.bot.token, 'webhook');
});

afterAll(async () => {
  await product?.stop();
  fake?.stop();
});

const SECRET = 'X-Telegram-Bot-Api-Secret-Token';

async function knock(body: string, headers: Record<string, string>): Promise<number> {
  const { url } = fake.updates.webhookOf(control.bot);
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...headers },
    body,
  });
  return answer.status;
}

test('the product sets a webhook on its public address with a long secret', () => {
  const { url, secret } = fake.updates.webhookOf(control.bot);
  expect(url).toMatch(new RegExp(`^${product.origin}/hooks/telegram/[\\w-]{20,}$`));
  expect(secret.length).toBeGreaterThanOrEqual(20);
});

test('a forged update without the secret, or with another one, is refused and leaves nothing', async () => {
  const { secret } = fake.updates.webhookOf(control.bot);
  const forged = JSON.stringify(nina.message({ text: 'подделка' }));
  const wrong: Record<string, string>[] = [{}, { [SECRET]: '' }, { [SECRET]: 'x'.repeat(secret.length) }];
  for (const headers of wrong) expect(await knock(forged, headers)).toBe(401);
  expect(await product.api.contacts()).toEqual([]);
  expect(await product.api.conversations()).toEqual([]);
});

test('broken JSON with the right secret is refused and harms nothing', async () => {
  const { secret } = fake.updates.webhookOf(control.bot);
  for (const body of ['', '{', '\u0000', '[1,']) expect(await knock(body, { [SECRET]: secret })).toBe(400);
  nina.says('а это настоящее');
  await product.api.conversationWith('а это настоящее');
});

test('a path that belongs to nobody is not found', async () => {
  const answer = await fetch(`${product.origin}/hooks/telegram/${'a'.repeat(43)}`, {
    method: 'POST',
    body: '{}',
  });
  expect(answer.status).toBe(404);
});

test('updates that knock while the product is down are taken when it is back', async () => {
  await product.killHard();
  nina.says('пока вас не было');
  await until('a knock in vain', () => fake.updates.knocks.at(-1)?.status === 0);
  await product.run();
  await product.api.conversationWith('пока вас не было');
});

test('an update under way when the power went is taken up after the restart, once', async () => {
  control.fault('getFile', { kind: 'stall' });
  nina.sendsDocument('договор.txt', 'text/plain', paper('договор'), 'подпишите');
  await until('the download to hang', () => control.calls('getFile').at(-1)?.outcome === 'stalled');
  nina.says('жду');
  await product.restart();
  fake.dropStalled();
  const conversation = await until(
    'both messages',
    async () => {
      for (const { id } of await product.api.conversations()) {
        if ((await product.api.texts(id)).includes('жду')) return id;
      }
      return undefined;
    },
    150_000,
  );
  const texts = await product.api.texts(conversation);
  expect(texts.slice(-2)).toEqual(['подпишите', 'жду']);
}, 180_000);

test('an edit that overtakes its message is not lost', async () => {
  const original = nina.message({ text: 'Привезите в среду' });
  control.bring(nina.edit(original, 'Привезите в четверг'));
  await until('the edit to be taken', () => control.bot.queue.length === 0);
  control.bring(original);
  const conversation = await product.api.conversationWith('жду');
  await until('the message', async () =>
    (await product.api.texts(conversation.id)).at(-1)?.startsWith('Привезите'),
  );
  expect((await product.api.texts(conversation.id)).at(-1)).toBe('Привезите в четверг');
});
