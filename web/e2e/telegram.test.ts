import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Contact, Conversation } from './support/api';
import { Product } from './support/product';
import { paper, picture } from './support/samples';
import { until } from './support/wait';
import { Control, type Person } from './telegram-fake/control';
import { TelegramFake } from './telegram-fake/server';

let product: Product;
let fake: TelegramFake;
let nextPerson = 1000;

beforeAll(async () => {
  fake = await TelegramFake.start();
  product = await Product.start();
});

afterAll(async () => {
  await product?.stop();
  fake?.stop();
});

describe.each(['polling', 'webhook'] as const)('a Telegram bot by %s', (mode) => {
  let control: Control;
  let nina: Person;

  beforeAll(async () => {
    control = new Control(fake, fake.newBot());
    await product.api.connectTelegram(fake.url, control.bot.token, mode);
  });

  beforeEach(() => {
    nina = control.person(nextPerson++, 'Нина', 'nina_fern');
  });

  /** Nina's conversation after she has said hello. */
  async function talk(): Promise<Conversation> {
    const hello = `Добрый день от ${nina.user.id}`;
    nina.says(hello);
    return product.api.conversationWith(hello);
  }

  const contactOf = (conversation: Conversation): Promise<Contact> =>
    product.api.contact(conversation.contact_id);

  test('a text becomes a message of a named client, and the answer reaches Telegram', async () => {
    const conversation = await talk();
    expect(conversation.contact).toMatchObject({ name: 'Нина', handle: '@nina_fern' });
    const reply = await product.api.send(conversation.id, 'Здравствуйте, Нина');
    await product.api.settled(reply, 'sent');
    const [call] = control.sent('Здравствуйте, Нина');
    expect(call?.params).toMatchObject({ chat_id: nina.user.id });
  });

  test('an edit changes the message in place', async () => {
    const original = nina.says(`Хочу лампу Луна 40, ${mode}`);
    const conversation = await product.api.conversationWith(`Хочу лампу Луна 40, ${mode}`);
    control.bring(nina.edit(original, `Хочу лампу Луна 60, ${mode}`));
    await product.api.conversationWith(`Хочу лампу Луна 60, ${mode}`);
    const messages = await product.api.messages(conversation.id);
    expect(messages).toHaveLength(1);
    expect(messages[0]?.edited_at).not.toBeNull();
  });

  test('a picture and a document come in with their captions and bytes', async () => {
    const conversation = await talk();
    nina.sendsPhoto(picture(), 'вот лампа');
    nina.sendsDocument('счёт.txt', 'text/plain', paper(), 'и счёт');
    await until('both files', async () => (await product.api.texts(conversation.id)).length === 3);
    const [, photo, document] = await product.api.messages(conversation.id);
    expect(photo?.content).toMatchObject({ text: 'вот лампа', attachments: [{ mime: 'image/png' }] });
    expect(document?.content).toMatchObject({ text: 'и счёт', attachments: [{ name: 'счёт.txt' }] });
    const url = product.origin + document!.content.attachments[0]!.url;
    expect(await (await fetch(url)).text()).toBe('Счёт 48');
  });

  test('files of the operator go out as a photo and as a document', async () => {
    const conversation = await talk();
    const photo = await product.api.upload('лампа.png', 'image/png', picture());
    const document = await product.api.upload('счёт.txt', 'text/plain', paper());
    await product.api.settled(await product.api.send(conversation.id, 'Лампа', [photo.id]), 'sent');
    await product.api.settled(await product.api.send(conversation.id, 'Счёт', [document.id]), 'sent');
    const [sentPhoto] = control.calls('sendPhoto').slice(-1);
    const [sentDocument] = control.calls('sendDocument').slice(-1);
    expect(sentPhoto).toMatchObject({
      outcome: 'ok',
      params: { caption: 'Лампа' },
      files: [{ field: 'photo' }],
    });
    expect(sentDocument).toMatchObject({
      outcome: 'ok',
      params: { caption: 'Счёт' },
      files: [{ name: 'счёт.txt' }],
    });
  });

  test('the own contact is a verified phone, somebody else’s is only text', async () => {
    const conversation = await talk();
    nina.sharesContact('79990001122', nina.user.id + 1);
    await until('the foreign number as text', async () =>
      (await product.api.texts(conversation.id)).some((text) => text.includes('79990001122')),
    );
    expect((await contactOf(conversation)).fields.phone ?? []).toEqual([]);
    nina.sharesContact('79125550142', nina.user.id);
    const contact = await until('the phone', async () => {
      const now = await contactOf(conversation);
      return now.fields.phone?.length ? now : undefined;
    });
    expect(contact.fields.phone).toMatchObject([
      { value: '+79125550142', verified: true, source: 'channel' },
    ]);
  });

  test('a pressed button is answered and reads as its label', async () => {
    const conversation = await talk();
    const buttons = [[{ id: 'matt', label: 'Матовая', kind: 'reply' }]];
    const question = await product.api.send(conversation.id, 'Какую?', [], buttons);
    await product.api.settled(question, 'sent');
    control.bring(nina.press('matt'));
    await until('the press', async () => (await product.api.texts(conversation.id)).includes('Матовая'));
    await until(
      'the press to be answered',
      () => control.calls('answerCallbackQuery').at(-1)?.outcome === 'ok',
    );
  });

  test('an update that comes three times is one message', async () => {
    const text = `трижды, ${mode}`;
    const thrice = nina.message({ text });
    control.bring(thrice, thrice, thrice);
    const conversation = await product.api.conversationWith(text);
    nina.says('после трёх');
    await until('the next message', async () =>
      (await product.api.texts(conversation.id)).includes('после трёх'),
    );
    expect(await product.api.texts(conversation.id)).toEqual([text, 'после трёх']);
  });

  test('updates out of order are all stored, each once', async () => {
    const texts = ['один', 'два', 'три'].map((text) => `${text}, ${mode}`);
    const made = texts.map((text) => nina.message({ text }));
    control.bring(made[2]!, made[0]!, made[1]!);
    const conversation = await product.api.conversationWith(texts[0]!);
    await until('all three', async () => (await product.api.texts(conversation.id)).length === 3);
    expect((await product.api.texts(conversation.id)).sort()).toEqual(texts.toSorted());
  });

  test('a limit is kept: no call before its end, then the message goes out once', async () => {
    const conversation = await talk();
    control.flood(2);
    const reply = await product.api.send(conversation.id, `после паузы ${mode}`);
    await product.api.settled(reply, 'sent');
    expect(control.sent(`после паузы ${mode}`).map((line) => line.outcome)).toEqual(['too_many', 'ok']);
  });

  test('a client who blocked the bot: the message fails with the reason and the channel closes', async () => {
    const conversation = await talk();
    nina.blocks();
    const reply = await product.api.send(conversation.id, 'Вы здесь?');
    const failed = await product.api.settled(reply, 'failed');
    expect(failed.delivery?.reason?.code).toBe('blocked_by_client');
    const { items } = await product.api.replyChannels(conversation.contact_id);
    expect(items).toMatchObject([{ can_write: false, reason: 'blocked_by_client' }]);
  });

  test.each(['reset_after_accept', 'fail_after_accept'] as const)(
    'no answer after %s: unknown, never repeated by itself, repeated by a person',
    async (kind) => {
      const conversation = await talk();
      control.fault('sendMessage', { kind });
      const text = `дошло ли: ${mode} ${kind}`;
      const reply = await product.api.send(conversation.id, text);
      await product.api.settled(reply, 'unknown');
      await product.restart();
      const next = await product.api.send(conversation.id, 'следующее');
      await product.api.settled(next, 'sent');
      expect(control.sent(text)).toHaveLength(1);
      await product.api.project('POST', `/messages/${reply.id}/retry`);
      await product.api.settled(reply, 'sent');
      expect(control.sent(text).map((line) => line.outcome)).toEqual([
        kind.startsWith('reset') ? 'reset' : 'failed',
        'ok',
      ]);
    },
  );

  test('a call that hangs does not hold up the answers to others', async () => {
    const conversation = await talk();
    const other = control.person(nextPerson++, 'Олег');
    other.says(`Это Олег ${other.user.id}`);
    const another = await product.api.conversationWith(`Это Олег ${other.user.id}`);
    control.fault('sendMessage', { kind: 'stall' });
    const hanging = await product.api.send(conversation.id, 'висит');
    await until('the call to hang', () => control.sent('висит').at(-1)?.outcome === 'stalled');
    const quick = await product.api.send(another.id, 'не ждёт');
    await product.api.settled(quick, 'sent');
    expect((await product.api.message(conversation.id, hanging.id)).delivery?.status).toBe('sending');
    fake.dropStalled();
    await product.api.settled(hanging, 'unknown');
  });

  test('killed while it works through a hundred updates, the product stores each message once', async () => {
    const people = Array.from({ length: 10 }, (_, at) => control.person(nextPerson++, `Клиент ${at}`));
    const wanted = Array.from({ length: 100 }, (_, at) => `обновление ${mode} ${at}`);
    const stored = async () => {
      const texts: string[] = [];
      for (const { id } of await product.api.conversations()) texts.push(...(await product.api.texts(id)));
      return texts.filter((text) => text.startsWith(`обновление ${mode} `));
    };
    const handed = () =>
      mode === 'polling' ? control.calls('getUpdates').length : fake.updates.knocks.length;
    const before = handed();
    control.bring(...wanted.map((text, at) => people[at % 10]!.message({ text })));
    await until('the first of them to be handed over', () => handed() > before);
    await product.restart();
    await until('the first of them to be stored', async () => (await stored()).length > 0);
    await product.restart();
    await until('all of them', async () => (await stored()).length >= wanted.length, 150_000);
    expect((await stored()).sort()).toEqual(wanted.sort());
  }, 180_000);
});
