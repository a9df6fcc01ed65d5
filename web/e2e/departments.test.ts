import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import en from '../apps/desk/messages/en.json' with { type: 'json' };
import { axeFindings } from './support/axe';
import { type Watched, launchBrowser, newPerson } from './support/browser';
import { Desk, ru } from './support/desk';
import { HostPage, snippetOf } from './support/host-page';
import { LOOKS } from './support/looks';
import { Product } from './support/product';
import { lookName, shot } from './support/shot';
import { until } from './support/wait';
import { Widget } from './support/widget';

const BORIS = { email: 'boris@fern.example', name: 'Борис Ёлкин', password: 'moss-and-fern-43' };

let product: Product;
let host: HostPage;
let browser: Browser;
const people: Watched[] = [];
let anna: Desk;
let boris: Desk;
let borisId: string;

beforeAll(async () => {
  [product, browser] = await Promise.all([Product.start(), launchBrowser()]);
  host = await HostPage.start(snippetOf(product.origin, product.made.site_key));
  borisId = await product.api.addColleague(BORIS);
  anna = await seat();
  await anna.signIn();
  boris = await seat();
  await boris.goto('/inbox');
  await boris.fillSignIn(BORIS.email, BORIS.password);
  await boris.page.getByTestId('me-menu').first().waitFor();
});

afterAll(async () => {
  await browser?.close();
  await product?.stop();
  host?.stop();
  expect(people.flatMap(({ faults }) => faults)).toEqual([]);
});

async function seat(): Promise<Desk> {
  const person = await newPerson(browser);
  people.push(person);
  return new Desk(person.page, product.origin);
}

async function visitorSays(text: string) {
  const visitor = await newPerson(browser);
  people.push(visitor);
  const widget = new Widget(visitor.page);
  await visitor.page.goto(host.url);
  await widget.open();
  await widget.say(text);
  return product.api.conversationWith(text);
}

interface Held {
  assignee_id: string | null;
  department_id: string | null;
  status: string;
}
const now = async (id: string) => (await product.api.conversation(id)) as unknown as Held;
const said = (template: string, values: Record<string, string>) =>
  Object.entries(values).reduce((text, [key, value]) => text.replace(`{${key}}`, value), template);

test('a department is made with its people and hours, and read back', async () => {
  const { page } = anna;
  await anna.settings(product.made.project_id, 'departments');
  await page.getByText(ru.dep_none, { exact: true }).waitFor();
  await page.getByRole('button', { name: ru.dep_add }).first().click();
  await page.getByLabel(ru.dep_name).fill('Продажи');
  await page.getByLabel(BORIS.name).check();
  await page.getByRole('button', { name: ru.save, exact: true }).click();
  const row = page.getByTestId('department-row').filter({ hasText: 'Продажи' });
  await row.getByText(BORIS.name).waitFor();
  await page.getByRole('button', { name: ru.dep_add }).first().click();
  await page.getByLabel(ru.dep_name).fill('продажи');
  await page.getByRole('button', { name: ru.save, exact: true }).click();
  await page.locator('.error').filter({ hasText: ru.dep_name_taken }).waitFor();
  await page.getByLabel(ru.dep_name).fill('Ночная смена');
  await page.getByRole('button', { name: ru.reply_add_hours }).click();
  await page.getByRole('button', { name: ru.save, exact: true }).click();
  await page.getByTestId('department-row').filter({ hasText: '09:00–18:00' }).waitFor();
  await shot(anna.page, 'departments', { fullPage: true });
  await page.reload();
  await expect.poll(() => page.getByTestId('department-row').count()).toBe(2);
});

test('a chat is passed to a department with a note, whose people see both', async () => {
  const conversation = await visitorSays('Почём оптом?');
  const { page } = anna;
  await anna.open(conversation.id);
  await page.getByRole('button', { name: ru.accept, exact: true }).click();
  await page.getByTestId('assign-menu').click();
  await page.getByRole('menuitem', { name: ru.transfer }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText(said(ru.dep_available, { count: '1' })).waitFor();
  expect(await axeFindings(page)).toEqual([]);
  await shot(anna.page, 'transfer', { fullPage: true });
  await dialog.getByRole('radio', { name: 'Продажи' }).check();
  await dialog.getByLabel(ru.transfer_note).fill('Просит скидку за сто штук');
  await dialog.getByRole('button', { name: ru.transfer_do, exact: true }).click();
  await anna.dialogsGone();
  expect(await now(conversation.id)).toMatchObject({ assignee_id: null, status: 'new' });
  await boris.goto('/inbox');
  await boris.newFolder.click();
  await boris.page.getByTestId('department-filter').click();
  await boris.page.getByRole('menuitem', { name: 'Ночная смена' }).click();
  await boris.row(conversation.id).waitFor({ state: 'hidden' });
  await boris.page.getByTestId('department-filter').click();
  await boris.page.getByRole('menuitem', { name: 'Продажи' }).click();
  await boris.row(conversation.id).getByText('Продажи').waitFor();
  await shot(boris.page, 'inbox-department', { fullPage: true });
  await boris.open(conversation.id);
  await boris.page.getByText('Просит скидку за сто штук').waitFor();
  await boris.page
    .getByText(/«Продажи»/)
    .first()
    .waitFor();
});

test('distribution gives a new chat to who is free, and the thread says why', async () => {
  const { page } = anna;
  await anna.settings(product.made.project_id, 'distribution');
  await page.getByRole('radio', { name: ru.rt_least_busy }).check();
  await page.getByRole('button', { name: ru.save, exact: true }).click();
  await page.getByText(ru.rt_saved).waitFor();
  // Anna says that she is busy: in her menu, and Boris sees it.
  await page.getByTestId('me-menu').first().click();
  await page.getByText(ru.avail_busy, { exact: true }).last().click();
  await page.getByRole('row').filter({ hasText: BORIS.name }).getByText(ru.avail_available).waitFor();
  await page.getByRole('row').filter({ hasText: ru.avail_busy }).waitFor();
  await shot(anna.page, 'distribution', { fullPage: true });
  const conversation = await visitorSays('Кто свободен?');
  await until('Boris to have it', async () => (await now(conversation.id)).assignee_id === borisId);
  await boris.open(conversation.id);
  await boris.page.getByText(said(ru.event_routed_least_busy, { name: BORIS.name })).waitFor();
  // At his limit he is given nothing more; the next waits, and comes when Anna is back.
  await anna.settings(product.made.project_id, 'distribution');
  const limit = page.getByLabel(said(ru.rt_limit_of, { name: BORIS.name }));
  await limit.fill('1');
  await limit.press('Tab');
  await page.getByText(said(ru.rt_limit_saved, { name: BORIS.name })).waitFor();
  const second = await visitorSays('А теперь?');
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  expect((await now(second.id)).assignee_id).toBeNull();
  await page.getByTestId('me-menu').first().click();
  await page.getByText(ru.avail_available, { exact: true }).last().click();
  await until('Anna to have it', async () => (await now(second.id)).assignee_id !== null);
  expect((await now(second.id)).assignee_id).not.toBe(borisId);
});

test('a status is kept over a reload and told to colleagues', async () => {
  await boris.page.getByTestId('me-menu').first().click();
  await boris.page.getByText(ru.avail_away, { exact: true }).last().click();
  const me = () => boris.page.getByTestId('me-menu').first();
  await me().getByText(ru.avail_away).waitFor({ state: 'attached' });
  await boris.page.reload();
  await me().getByText(ru.avail_away).waitFor({ state: 'attached' });
  await anna.settings(product.made.project_id, 'distribution');
  const row = anna.page.getByRole('row').filter({ hasText: BORIS.name });
  await row.getByText(ru.avail_away).waitFor();
  await boris.page.getByTestId('me-menu').first().click();
  await boris.page.getByText(ru.avail_available, { exact: true }).last().click();
  await row.getByText(ru.avail_available).waitFor();
});

describe.each(LOOKS)('$locale, dark: $dark, $width px', ({ locale, dark, width }) => {
  test('both pages', async () => {
    const person = await newPerson(browser, { width, height: 844, dark });
    people.push(person);
    const desk = new Desk(person.page, product.origin);
    await desk.signIn();
    await desk.changeMe({ locale });
    const words = locale === 'ru' ? ru : en;
    for (const [section, title] of [
      ['departments', words.set_departments],
      ['distribution', words.set_distribution],
    ] as const) {
      await desk.settings(product.made.project_id, section);
      await person.page.getByRole('heading', { name: title, exact: true }).first().waitFor();
      await person.page.locator('.skeleton').first().waitFor({ state: 'detached' });
      if (section === 'distribution' && width > 900) {
        await person.page.getByRole('button', { name: words.rt_rule_add }).click();
        await person.page.getByRole('button', { name: words.rt_condition_add }).waitFor();
      }
      await until('nothing to scroll sideways', () =>
        person.page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth),
      );
      expect(await axeFindings(person.page)).toEqual([]);
      await shot(desk.page, `${section}-${lookName({ locale, dark, width })}`, { fullPage: true });
    }
    await person.context.close();
  });
});

test('a deleted department gives its chats back, and the thread says so', async () => {
  const conversation = await product.api.conversationWith('Почём оптом?');
  await anna.page.goto(`${product.origin}/inbox`);
  await anna.changeMe({ locale: 'ru' });
  await anna.page.reload();
  await anna.settings(product.made.project_id, 'departments');
  const { page } = anna;
  const row = page.getByTestId('department-row').filter({ hasText: 'Продажи' });
  await row.getByRole('button', { name: ru.more }).click();
  await page.getByRole('menuitem', { name: ru.delete }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('textbox').fill('Продажи');
  await dialog.getByRole('button', { name: ru.dep_delete }).click();
  await row.waitFor({ state: 'detached' });
  expect((await now(conversation.id)).department_id).toBeNull();
  await anna.open(conversation.id);
  await page.getByText(said(ru.event_department_gone, { name: 'Продажи' })).waitFor();
});
