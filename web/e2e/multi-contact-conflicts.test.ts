import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { axeFindings } from './support/axe';
import { type Watched, launchBrowser, newPerson } from './support/browser';
import { Desk, ru } from './support/desk';
import { Product } from './support/product';
import { until } from './support/wait';
import { Control } from './telegram-fake/control';
import { TelegramFake } from './telegram-fake/server';

let product: Product;
let fake: TelegramFake;
let browser: Browser;
let operator: Watched;
let desk: Desk;

/** A rule of two fields whose values 6 clients share under a limit of 5, and a passport that is one per person. */
beforeAll(async () => {
  fake = await TelegramFake.start();
  [product, browser] = await Promise.all([Product.start(), launchBrowser()]);
  const { api } = product;
  const passport = { key: 'passport', title: 'Паспорт', kind: 'text', exclusive: true };
  const contract = { key: 'dogovor', title: 'Договор', kind: 'text' };
  for (const field of [passport, contract]) await api.project('POST', '/fields', field);
  const create = (external_id: string, fields: Record<string, string>) => ({
    op: 'create',
    external_id,
    fields,
  });
  const shared = { dogovor: 'ОПТ-1', name: 'Касса' };
  const clients = [
    ...Array.from({ length: 6 }, (_, n) => create(`shared-${n}`, shared)),
    create('olga-1', { phone: '+79125550101', passport: '40 01' }),
    create('olga-2', { phone: '+79125550101', passport: '40 02' }),
    create('petr-1', { email: 'petr@fern.example' }),
    create('petr-2', { email: 'petr@fern.example' }),
  ];
  const settings = { hub_limit: 5 };
  const rule = (key: string, fields: string[]) => ({ op: 'rule_add', key, fields });
  const rules = [rule('deal', ['dogovor', 'name']), rule('email', ['email'])];
  await api.project('POST', '/changes', { changes: [{ op: 'settings', settings }, ...rules, ...clients] });
  operator = await newPerson(browser);
  desk = new Desk(operator.page, product.origin);
  await desk.signIn();
  await desk.settings(product.made.project_id, 'multi-contacts');
  await page().getByTestId('rule').first().waitFor();
});

afterAll(async () => {
  await browser?.close();
  await product?.stop();
  fake?.stop();
  expect(operator?.faults).toEqual([]);
});

const page = () => desk.page;
const preview = () => page().getByRole('region', { name: ru.preview });
const value = () => page().getByTestId('values').locator('li').filter({ hasText: 'опт-1' });
const conflicts = () => page().getByTestId('conflicts');
const line = (kind: string) => conflicts().locator(`[data-kind=${kind}]`);
const applyButton = () => page().getByRole('button', { name: ru.rules_save });
const apply = async () => {
  await applyButton().click();
  await applyButton().waitFor({ state: 'hidden' });
};
const contactId = async (external_id: string) =>
  (await product.api.contacts()).find(({ handle }) => handle === external_id)?.id;

test('a value of two fields is shown part by part, and a decision is about one of them', async () => {
  await value().locator('.part').filter({ hasText: 'Договор' }).getByText('опт-1').waitFor();
  await value().locator('.part').filter({ hasText: 'Имя' }).getByText('касса').waitFor();
  await value().getByText(ru.value_guard_hub).waitFor();
  expect(await axeFindings(page())).toEqual([]);
  await value().getByRole('button', { name: ru.value_block, exact: true }).click();
  await page().getByRole('menuitem', { name: 'касса' }).click();
  const decided = page().getByTestId('values').locator('li').filter({ hasText: ru.value_blocked });
  await decided.getByText('касса').waitFor();
  const path = '/multi-contact-values?state=blocked';
  const { items } = await product.api.project<{ items: { field: string; value: string }[] }>('GET', path);
  expect(items.map(({ field, value: text }) => [field, text])).toEqual([['name', 'касса']]);
  await decided
    .getByRole('button', { name: ru.value_forget })
    .or(decided.locator('.act button').first())
    .click();
  await value().waitFor();
});

test('the limit is raised from the value, previewed and saved like any other change', async () => {
  await value()
    .getByRole('button', { name: ru.value_raise.replace('{limit}', '6') })
    .click();
  expect(await page().getByLabel(ru.guard_hub).inputValue()).toBe('6');
  await preview().getByText(ru.preview_joins).waitFor();
  await apply();
  await value().waitFor({ state: 'detached' });
});

test('a value that a group limit holds back says so, and offers no permission that would not help', async () => {
  await page().getByLabel(ru.guard_group).fill('4');
  await preview()
    .getByTestId('preview-separated')
    .getByRole('img', { name: ru.preview_apart })
    .first()
    .waitFor();
  expect(await axeFindings(page())).toEqual([]);
  await apply();
  await value().getByText(ru.value_guard_size).waitFor();
  await value().getByRole('button', { name: ru.value_block, exact: true }).waitFor();
  expect(await value().getByRole('button', { name: ru.value_allow, exact: true }).count()).toBe(0);
});

test('the preview warns of groups that would hold two values of a field that is one per person', async () => {
  await conflicts().getByText(ru.conflicts_empty).waitFor();
  await page().getByRole('button', { name: ru.rule_add }).click();
  await page().locator('button.add').last().click();
  await page().getByRole('menuitem', { name: 'Мобильный телефон' }).click();
  const warning = preview().getByTestId('preview-conflicts');
  await warning.getByText('Разные значения окажутся в 1 мульти-контакте').waitFor();
  for (const text of ['Паспорт', '40 01', '40 02', 'olga-1', 'olga-2']) {
    await warning.getByText(text).first().waitFor();
  }
  expect(await axeFindings(page())).toEqual([]);
  await apply();
});

test('conflicts are listed in words and follow what happens; a client without a chat opens in the list', async () => {
  const { api } = product;
  await line('exclusive').getByText('Паспорт').waitFor();
  await line('exclusive').getByText('40 02').waitFor();
  // Links by hand hold five together under a limit of four.
  const ids = await Promise.all(['shared-0', 'shared-1', 'shared-2', 'shared-3', 'petr-1'].map(contactId));
  for (const id of ids.slice(1)) {
    await api.project('POST', '/multi-contact-overrides', { kind: 'link', contacts: [ids[0], id] });
  }
  await line('too_large').getByText('5 клиентов').waitFor();
  expect(await axeFindings(page())).toEqual([]);
  await line('exclusive').getByRole('link', { name: 'olga-2' }).first().click();
  await page().waitForURL('**/clients?q=olga-2');
  await until('the client', async () => (await page().locator('tbody tr').count()) === 1);
});

test('a client with a chat opens in its card, and a solved conflict goes', async () => {
  const control = new Control(fake, fake.newBot());
  await product.api.connectTelegram(fake.url, control.bot.token, 'webhook');
  control.person(801, 'Ольга').says('Это я');
  const conversation = await product.api.conversationWith('Это я');
  await product.api.project('PATCH', `/contacts/${conversation.contact_id}`, {
    fields: { phone: '+79125550101', passport: '40 03' },
  });
  await desk.settings(product.made.project_id, 'multi-contacts');
  await line('exclusive').getByText('40 03').waitFor();
  await line('exclusive').getByRole('link', { name: 'olga-1' }).first().click();
  await page().waitForURL(`**/inbox/${conversation.id}?card=1`);
  await desk.card.getByTestId('conflict').waitFor();
  await desk.settings(product.made.project_id, 'multi-contacts');
  await line('exclusive').waitFor();
  for (const id of [await contactId('olga-1'), await contactId('olga-2')]) {
    await product.api.project('PATCH', `/contacts/${id}`, { fields: { passport: '40 03' } });
  }
  await line('exclusive').waitFor({ state: 'detached' });
});

test('a list of conflicts that cannot be had says so, and is asked for again', async () => {
  const path = '**/multi-contact-conflicts?*';
  await page().route(path, (route) => route.fulfill({ status: 500, json: { code: 'internal' } }));
  await page().reload();
  await conflicts().getByRole('button', { name: ru.retry }).waitFor();
  await page().unroute(path);
  await conflicts().getByRole('button', { name: ru.retry }).click();
  await line('too_large').waitFor();
});

/** Two decisions about other pairs can contradict a third: only when one between them is taken back. */
test('a separation holds, also when a decision between two others is taken back', async () => {
  const { api } = product;
  const decide = async (body: unknown) =>
    (await api.project<{ id: string }>('POST', '/multi-contact-overrides', body)).id;
  const [one, two, three] = await Promise.all(
    ['over-1', 'over-2', 'over-3'].map(async (external_id) => {
      const body = { channel: 'api', external_id, fields: { phone: '+79125558801' } };
      return (await api.project<{ id: string }>('POST', '/contacts', body)).id;
    }),
  );
  const setPhone = (id: string | undefined, phone: string | null) =>
    api.project('PATCH', `/contacts/${id}`, { fields: { phone } });
  await setPhone(two, null);
  await setPhone(three, null);
  await decide({ kind: 'link', contacts: [one, two] });
  const between = await decide({ kind: 'unlink', contact: two });
  await setPhone(three, '+79125558801');
  const made = await decide({ kind: 'unlink', contact: one });
  await setPhone(two, '+79125558802');
  await setPhone(three, '+79125558802');
  await page().reload();
  await line('too_large').waitFor();
  expect(await line('unlink_overruled').count()).toBe(0);
  const groupOf = async (id: string | undefined) =>
    (await api.project<{ multi_contact_id: string }>('GET', `/contacts/${id}`)).multi_contact_id;
  await api.project('DELETE', `/multi-contact-overrides/${between}`);
  expect(await groupOf(three)).not.toBe(await groupOf(one));
  await page().reload();
  await line('too_large').waitFor();
  expect(await line('unlink_overruled').count()).toBe(0);
  await api.project('DELETE', `/multi-contact-overrides/${made}`);
  expect(await groupOf(one)).toBe(await groupOf(two));
});
