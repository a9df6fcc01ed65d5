import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { axeFindings } from './support/axe';
import { type Watched, launchBrowser, newPerson } from './support/browser';
import { Desk, ru } from './support/desk';
import { ScenarioEditor } from './support/editor';
import { Product } from './support/product';
import { until } from './support/wait';

let product: Product;
let browser: Browser;
let owner: Watched;
let editor: ScenarioEditor;
let crm: Server;
const asked: IncomingHttpHeaders[] = [];

beforeAll(async () => {
  [product, browser] = await Promise.all([Product.start(), launchBrowser()]);
  owner = await newPerson(browser);
  await new Desk(owner.page, product.origin).signIn();
  editor = new ScenarioEditor(owner.page, product.origin, product.made.project_id);
  crm = createServer((request, response) => {
    asked.push(request.headers);
    response.end('{}');
  });
  await new Promise<void>((ready) => crm.listen(0, '127.0.0.1', ready));
});

afterAll(async () => {
  crm?.close();
  await browser?.close();
  await product?.stop();
  expect(owner?.faults).toEqual([]);
});

/** A visitor without a widget, from the page that is open; answers the conversation. */
const visitorSays = (text: string): Promise<string> =>
  owner.page.evaluate(
    ([siteKey, said]) =>
      new Promise<string>((found, lost) => {
        const socket = new WebSocket('/w/v1/live');
        const send = (frame: object) => socket.send(JSON.stringify(frame));
        socket.onopen = () => send({ type: 'auth', site_key: siteKey });
        socket.onerror = () => lost(new Error('the socket failed'));
        socket.onmessage = ({ data }) => {
          const frame = JSON.parse(String(data)) as { type: string; conversation_id?: string };
          if (frame.type === 'hello') send({ type: 'message', client_id: 'first', content: { text: said } });
          if (frame.type === 'ack') found(frame.conversation_id ?? '');
        };
      }),
    [product.made.site_key, text] as const,
  );

test('a secret is given in the editor, stands in a header, and is shown to nobody again', async () => {
  const { page } = owner;
  await editor.create('Заказ');
  await editor.add(ru.scn_kind_http);
  await editor.field(ru.scn_http_url).fill(`http://127.0.0.1:${(crm.address() as AddressInfo).port}/orders`);
  await editor.inspector.getByRole('button', { name: ru.scn_secret_insert }).first().click();
  await page.getByRole('menuitem', { name: ru.scn_secrets_manage }).click();
  const list = page.getByRole('dialog', { name: ru.scn_secrets });
  await list.getByText(ru.scn_secrets_none).waitFor();
  await list.getByRole('button', { name: ru.scn_secret_add }).click();
  const form = page.getByRole('dialog', { name: ru.scn_secret_add });
  await form.getByLabel(ru.scn_secret_name).fill('crm');
  await form.getByLabel(ru.scn_secret_value).fill('s3cret-value');
  await form.getByLabel(ru.scn_secret_hosts).fill('crm');
  await form.getByRole('button', { name: ru.save }).click();
  await form.getByText(ru.problem_bad_secret_host).first().waitFor();
  expect(await axeFindings(page)).toEqual([]);
  await form.getByLabel(ru.scn_secret_hosts).fill('http://127.0.0.1/');
  await form.getByRole('button', { name: ru.save }).click();
  await list.getByText('127.0.0.1').waitFor();
  expect(await page.content()).not.toContain('s3cret-value');
  await list.getByRole('button', { name: ru.done }).click();

  await editor.inspector.getByRole('button', { name: ru.scn_secret_insert }).first().click();
  await page.getByRole('menuitem', { name: 'crm' }).click();
  await until('the header is saved', async () => {
    const [block] = (await editor.draft()).document.blocks;
    return JSON.stringify(block?.settings.headers) === '{"Authorization":"Bearer {{secret.crm}}"}';
  });
  await page.getByRole('button', { name: ru.scn_publish }).click();
  await page.getByRole('dialog').getByRole('button', { name: ru.scn_publish }).click();
  await page.getByText('Опубликована версия 1').waitFor();
  const conversation = await visitorSays('Где мой заказ?');
  await product.api.project('POST', `/conversations/${conversation}/run`, { scenario_id: editor.id });
  await until('the server was asked', async () => asked.length > 0);
  expect(asked[0]?.authorization).toBe('Bearer s3cret-value');
});

test('a secret that is deleted is named first, and what needs it cannot be published', async () => {
  const { page } = owner;
  await editor.inspector.getByRole('button', { name: ru.scn_secret_insert }).first().click();
  await page.getByRole('menuitem', { name: ru.scn_secrets_manage }).click();
  const list = page.getByRole('dialog', { name: ru.scn_secrets });
  await list.getByRole('button', { name: ru.scn_remove.replace('{name}', 'crm') }).click();
  const ask = page.getByRole('dialog', { name: ru.scn_secret_delete_title.replace('{name}', 'crm') });
  await ask.getByRole('textbox').fill('crm');
  await ask.getByRole('button', { name: ru.delete }).click();
  await list.getByText(ru.scn_secrets_none).waitFor();
  await list.getByRole('button', { name: ru.done }).click();
  await editor.field(ru.scn_title).fill('Спросить CRM');
  await until('the problem is found', async () =>
    (await editor.draft()).problems.some(({ code }) => code === 'unknown_secret'),
  );
});
