import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { axeFindings } from './support/axe';
import { type Watched, launchBrowser, newPerson } from './support/browser';
import { Desk, ru } from './support/desk';
import { HostPage, snippetOf } from './support/host-page';
import { phoneFlow } from './support/phone-flow';
import { Product } from './support/product';
import { until } from './support/wait';
import { Widget } from './support/widget';

let product: Product;
let host: HostPage;
let browser: Browser;
let desk: Desk;
let scenario: string;
const people: Watched[] = [];

beforeAll(async () => {
  [product, browser] = await Promise.all([Product.start(), launchBrowser()]);
  host = await HostPage.start(snippetOf(product.origin, product.made.site_key));
  await product.api.addPhoneRule();
  await product.api.project('POST', '/contacts', {
    channel: 'api',
    external_id: 'crm-7',
    fields: { phone: '+7 912 345-67-89' },
  });
  const body = { name: 'Сбор телефона', document: phoneFlow() };
  scenario = (await product.api.project<{ id: string }>('POST', '/scenarios', body)).id;
  await product.api.project('POST', `/scenarios/${scenario}/publish`, { revision: 1 });
  const owner = await newPerson(browser);
  people.push(owner);
  desk = new Desk(owner.page, product.origin);
  await desk.signIn();
});

afterAll(async () => {
  await browser?.close();
  await product?.stop();
  host?.stop();
  expect(people.flatMap(({ faults }) => faults)).toEqual([]);
});

async function visitor(): Promise<Widget> {
  const person = await newPerson(browser);
  people.push(person);
  const widget = new Widget(person.page);
  await person.page.goto(host.url);
  await widget.open();
  return widget;
}

test('the bot asks in the widget, says what is wrong, saves the number, and joins the client at once', async () => {
  const widget = await visitor();
  await widget.say('Звонок!');
  await widget.bubble('Ваш телефон?').waitFor();
  await desk.page.locator('[data-folder=bot]').first().click();
  await widget.say('не скажу');
  await widget.bubble('Это не номер').waitFor();
  await widget.say('8 (912) 345-67-89');
  await widget.bubble('Когда позвонить?').waitFor();
  const [conversation] = await product.api.conversations();
  expect(conversation?.contact.multi_contact_size).toBe(2);

  await desk.open(conversation!.id);
  const step = desk.page.getByTestId('bot-step');
  await step.getByText('Удобное время').waitFor();
  await widget.part('.replies .chip').filter({ hasText: 'Вечером' }).click();
  await widget.bubble('Записали').waitFor();
  await step.getByText(ru.bot_idle).waitFor();
  expect(await widget.texts()).toEqual([
    'Звонок!',
    'Ваш телефон?',
    'не скажу',
    'Это не номер',
    '8 (912) 345-67-89',
    'Когда позвонить?',
    'Вечером',
    'Записали',
  ]);
});

test('an operator stops the bot from the card and starts it again', async () => {
  const widget = await visitor();
  await widget.say('звонок');
  await widget.bubble('Ваш телефон?').waitFor();
  const conversation = await until('the conversation of the bot', async () =>
    (await product.api.conversations()).find((one) => (one as { status?: string }).status === 'bot'),
  );
  await desk.open(conversation.id);
  const step = desk.page.getByTestId('bot-step');
  await step.getByRole('button', { name: ru.bot_stop }).click();
  await step.getByText(ru.bot_idle).waitFor();
  await step.getByRole('button', { name: ru.bot_start }).click();
  await desk.page.getByRole('menuitem', { name: 'Сбор телефона' }).click();
  await step.getByText('Спросить телефон').waitFor();
});

test('the summary report shows launches over the scheme, and each number opens its recipients', async () => {
  await desk.goto(`/projects/${product.made.project_id}/scenarios/${scenario}/report`);
  const card = (title: string) => desk.page.getByTestId('report-card').filter({ hasText: title });
  await card('Спросить телефон').waitFor();
  expect(await desk.page.getByTestId('launches').textContent()).toBe('3');
  expect(await card('Знакомый').locator('.number').isDisabled()).toBe(true);
  expect(await axeFindings(desk.page)).toEqual([]);
  await card('Удобное время')
    .getByRole('button', { name: /Вечером/ })
    .click();
  const recipient = desk.page.getByTestId('recipients').getByRole('listitem');
  await recipient.first().waitFor();
  expect(await recipient.count()).toBe(1);
  expect(await recipient.textContent()).toContain('Когда позвонить?');
  await desk.page.keyboard.press('Escape');

  await desk.page.getByRole('button', { name: ru.rep_table }).click();
  const row = desk.page.getByTestId('report-table').getByRole('row').filter({ hasText: 'Спросить телефон' });
  expect(await row.textContent()).toContain('3');
});

test('Premium off: the bot answers nobody, and says so; on again: at once', async () => {
  await desk.goto(`/projects/${product.made.project_id}/settings/licence`);
  const flip = desk.page.getByRole('switch', { name: ru.lic_premium }).first();
  await flip.click();
  const dialog = desk.page.getByRole('dialog', { name: ru.lic_change_title });
  await dialog.getByText(ru.lic_note_once).waitFor();
  expect(await axeFindings(desk.page)).toEqual([]);
  await dialog.getByRole('button', { name: ru.lic_turn_off, exact: true }).click();
  await desk.page.getByTestId('premium-standing').getByText(ru.lic_stopped).waitFor();

  const widget = await visitor();
  await widget.say('звонок');
  await until('the refusal', async () => {
    const [newest] = await product.api.conversations();
    const said = await product.api.project<{ items: { content: { event?: { code: string } } }[] }>(
      'GET',
      `/conversations/${newest!.id}/messages`,
    );
    return said.items.some(({ content }) => content.event?.code === 'scenario.refused');
  });
  await flip.click();
  await dialog.getByRole('button', { name: ru.lic_turn_on }).click();
  await desk.page.getByTestId('premium-standing').locator('.works, :scope.works').first().waitFor();
  await widget.say('звонок');
  await widget.bubble('Ваш телефон?').waitFor();
});
