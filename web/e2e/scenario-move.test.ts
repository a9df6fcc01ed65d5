import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { axeFindings } from './support/axe';
import { launchBrowser, newPerson, type Watched } from './support/browser';
import { Desk, ru } from './support/desk';
import { HostPage, snippetOf } from './support/host-page';
import { phoneFlow } from './support/phone-flow';
import { Product } from './support/product';
import { shot } from './support/shot';
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

async function publish(document: unknown) {
  const path = `/scenarios/${scenario}`;
  const { revision } = await product.api.project<{ revision: number }>('GET', `${path}/draft`);
  const saved = await product.api.project<{ revision: number }>('PUT', `${path}/draft`, {
    document,
    revision,
  });
  await product.api.project('POST', `${path}/publish`, { revision: saved.revision });
}

test('a client who waits on an older version is moved to the new one and goes on there', async () => {
  const person = await newPerson(browser);
  people.push(person);
  const widget = new Widget(person.page);
  await person.page.goto(host.url);
  await widget.open();
  await widget.say('звонок');
  await widget.bubble('Ваш телефон?').waitFor();
  await publish(phoneFlow({ time: 'Во сколько позвонить?' }));

  await desk.goto(`/projects/${product.made.project_id}/scenarios/${scenario}`);
  await desk.page.getByRole('button', { name: ru.more, exact: true }).first().click();
  await desk.page.getByRole('menuitem', { name: ru.scn_versions }).click();
  const waiting = desk.page.getByTestId('waiting-runs');
  await waiting.getByText('Спросить телефон').waitFor();
  expect(await waiting.textContent()).toContain('можно перенести на версию 2');
  expect(await axeFindings(desk.page)).toEqual([]);
  await shot(desk.page, 'moving');
  await waiting.getByRole('button', { name: 'Перенести на версию 2' }).click();
  await waiting.getByText('Перенесено: 1, осталось на прежней: 0.').waitFor();

  await widget.say('8 (912) 345-67-89');
  await widget.bubble('Во сколько позвонить?').waitFor();
});
