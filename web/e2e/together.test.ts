import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Conversation } from './support/api';
import { axeFindings } from './support/axe';
import { type Watched, launchBrowser, newPerson } from './support/browser';
import { Desk, ru } from './support/desk';
import { LOOKS } from './support/looks';
import { Product } from './support/product';
import { lookName, shot } from './support/shot';
import { until } from './support/wait';
import { Control } from './telegram-fake/control';
import { TelegramFake } from './telegram-fake/server';

let product: Product;
let fake: TelegramFake;
let shop: Control;
let help: Control;
let browser: Browser;
let operator: Watched;
let desk: Desk;
let nextPerson = 800;
/** Who waits longest stands first: those of the last test must fit, too. */
const HEIGHT = 3_000;

type Person = ReturnType<Control['person']>;
/** One client who writes to two bots, and somebody else. */
let inShop: Person;
let inHelp: Person;
let first: Conversation;
let second: Conversation;
let other: Conversation;

beforeAll(async () => {
  fake = await TelegramFake.start();
  [product, browser] = await Promise.all([Product.start(), launchBrowser()]);
  shop = new Control(fake, fake.newBot());
  help = new Control(fake, fake.newBot());
  for (const [title, { bot }] of [
    ['Магазин', shop],
    ['Поддержка', help],
  ] as const)
    await product.api.project('POST', '/connections', {
      kind: 'telegram',
      title,
      settings: { token: bot.token, mode: 'webhook', base_url: fake.url },
    });
  await product.api.addPhoneRule();
  operator = await newPerson(browser, { height: HEIGHT });
  desk = new Desk(operator.page, product.origin);
  await desk.signIn();
});

afterAll(async () => {
  await browser?.close();
  await product?.stop();
  fake?.stop();
  expect(operator?.faults).toEqual([]);
});

const phoneOf = (id: number) => `7912666${String(id).padStart(4, '0')}`;
let person = 0;

beforeEach(async () => {
  person = nextPerson++;
  [inShop, inHelp] = [shop.person(person, 'Нина'), help.person(person, 'Нина')];
  inShop.says(`В магазин ${person}`);
  first = await product.api.conversationWith(`В магазин ${person}`);
  shop.person(person + 5_000, 'Олег').says(`Я Олег ${person}`);
  other = await product.api.conversationWith(`Я Олег ${person}`);
  inHelp.says(`В поддержку ${person}`);
  second = await product.api.conversationWith(`В поддержку ${person}`);
  await desk.goto('/inbox');
  await desk.newFolder.click();
  await desk.row(first.id).waitFor();
});

/** The two become one client by their phone. */
async function join() {
  inShop.sharesContact(phoneOf(person), person);
  await until('the first to be known', async () => {
    const { fields } = await product.api.contact(first.contact_id);
    return fields.phone?.[0]?.value !== undefined;
  });
  inHelp.sharesContact(phoneOf(person), person);
  await until('the two to be one client', async () => {
    const { contact } = await product.api.conversation(first.id);
    return contact.multi_contact_size === 2;
  });
}

const page = () => desk.page;
const rowsOf = (...ids: string[]) => Promise.all(ids.map((id) => desk.row(id).count()));
const cards = () => page().getByTestId('together').locator('a');
const card = (id: string) => page().getByTestId('together').locator(`[data-id="${id}"]`);
const picker = () => page().getByTestId('reply-channel');
const isChosen = (title: string) =>
  until(`${title} to be chosen`, async () => (await picker().innerText()).includes(title));
/** The row that stands for the client: the one whose activity is newest says what it is about. */
const joint = () =>
  page()
    .locator('[data-testid=conversation-row]')
    .filter({ has: page().getByTestId('row-together') });

test('two open chats of one client become one row while one looks, and two again when they are parted', async () => {
  expect(await rowsOf(first.id, second.id)).toEqual([1, 1]);
  await join();
  await until('one row', async () => (await rowsOf(first.id, second.id)).join() === '0,1');
  expect(await desk.row(second.id).getByTestId('row-together').getAttribute('aria-label')).toBe(
    ru.together_row.replace('{count}', '2'),
  );
  // Read anew it is the same.
  await page().reload();
  await desk.newFolder.click();
  await desk.row(second.id).getByTestId('row-together').waitFor();
  expect(await rowsOf(first.id, second.id)).toEqual([0, 1]);
  // News in the other one is said by the row.
  inShop.says('Снова в магазине');
  await until('the row to say it', async () => (await rowsOf(first.id, second.id)).join() === '1,0');
  await product.api.project('PATCH', `/contacts/${first.contact_id}`, { fields: { phone: null } });
  await until('two rows', async () => (await rowsOf(first.id, second.id)).join() === '1,1');
});

test('the row opens as one timeline; an answer goes where the client wrote last, and each draft stays with its chat', async () => {
  await join();
  await joint().first().waitFor();
  await joint().first().click();
  await desk.bubble(`В магазин ${person}`).waitFor();
  await desk.bubble(`В поддержку ${person}`).waitFor();
  await until('a card of each', async () => (await cards().count()) === 2);
  expect(await axeFindings(page())).toEqual([]);
  await isChosen('Поддержка');
  await desk.composer.fill('Черновик поддержке');
  await desk.replyIn('Магазин');
  await until('an empty field', async () => (await desk.composer.inputValue()) === '');
  await card(second.id).getByText(ru.draft).waitFor();
  await desk.composer.fill('Черновик магазину');
  // While something is written the field stays where it is.
  inHelp.says('Я пишу в поддержку');
  await desk.bubble('Я пишу в поддержку').first().waitFor();
  expect(await desk.composer.inputValue()).toBe('Черновик магазину');
  await desk.say(`Ответ магазина ${person}`);
  await until('the answer in that bot', () => shop.sent(`Ответ магазина ${person}`).length === 1);
  expect(help.sent(`Ответ магазина ${person}`)).toEqual([]);
  await desk.replyIn('Поддержка');
  await until('the other draft', async () => (await desk.composer.inputValue()) === 'Черновик поддержке');
  // Parted while one writes: nothing is lost, each has its own.
  await product.api.project('PATCH', `/contacts/${first.contact_id}`, { fields: { phone: null } });
  await until('no joint timeline', async () => (await cards().count()) === 0);
  expect(await desk.composer.inputValue()).toBe('Черновик поддержке');
  await desk.open(first.id);
  expect(await desk.composer.inputValue()).toBe('');
});

test('a picked row is all of its chats, keys go from row to row, and the choice is kept with the person', async () => {
  await join();
  await joint().first().waitFor();
  await joint().first().focus();
  await page().keyboard.press('KeyX');
  const bar = page().getByTestId('bulk-bar');
  await bar.getByText('2', { exact: false }).waitFor();
  await bar.getByRole('button', { name: ru.close, exact: true }).click();
  await until('both closed', async () => {
    const states = await Promise.all([first.id, second.id].map((id) => product.api.conversation(id)));
    return states.every((one) => (one as unknown as { status: string }).status === 'closed');
  });
  await page().getByRole('button', { name: ru.undo, exact: true }).first().click();
  await joint().first().waitFor();
  expect((await product.api.conversation(other.id)) as unknown as { status: string }).toMatchObject({
    status: 'new',
  });

  await page().getByTestId('me-menu').first().click();
  await page().getByRole('menuitem', { name: ru.together_setting }).click();
  await until('a row each', async () => (await joint().count()) === 0);
  await page().reload();
  await page().locator('[data-testid=conversation-row]').first().waitFor();
  expect(await joint().count()).toBe(0);
  await desk.changeMe({ together: true } as never);
});

test.each(LOOKS)(
  'the joint row and its timeline look right: $locale, dark $dark, $width',
  async ({ locale, dark, width }) => {
    await join();
    await desk.changeMe({ locale });
    await page().emulateMedia({ colorScheme: dark ? 'dark' : 'light' });
    await page().setViewportSize({ width, height: 900 });
    await desk.goto(`/inbox/${second.id}`);
    await cards().first().waitFor();
    expect(await axeFindings(page())).toEqual([]);
    const name = `together-${lookName({ locale, dark, width })}`;
    await shot(page(), `${name}`);
    await desk.changeMe({ locale: 'ru' });
    await page().setViewportSize({ width: 1440, height: HEIGHT });
  },
);
