import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { axeFindings } from './support/axe';
import { type Watched, launchBrowser, newPerson } from './support/browser';
import { Desk, ru } from './support/desk';
import { ScenarioEditor } from './support/editor';
import { HostPage, snippetOf } from './support/host-page';
import { Product } from './support/product';
import { Widget } from './support/widget';

let product: Product;
let browser: Browser;
let owner: Watched;
let editor: ScenarioEditor;
let host: HostPage;

beforeAll(async () => {
  [product, browser] = await Promise.all([Product.start(), launchBrowser()]);
  host = await HostPage.start(snippetOf(product.origin, product.made.site_key));
  owner = await newPerson(browser);
  await new Desk(owner.page, product.origin).signIn();
  editor = new ScenarioEditor(owner.page, product.origin, product.made.project_id);
});

afterAll(async () => {
  await browser?.close();
  await product?.stop();
  host?.stop();
  expect(owner?.faults).toEqual([]);
});

const PRICE = { name: 'прайс.pdf', mimeType: 'application/pdf', buffer: Buffer.from('%PDF-1.4 price') };

test('a file is attached in the inspector, seen in the test run, and sent to a visitor', async () => {
  const { page } = owner;
  await editor.create('Прайс');
  await editor.add(ru.scn_kind_message);
  await editor.inspector.getByTestId('scenario-file').setInputFiles([PRICE]);
  const listed = editor.inspector.getByRole('list', { name: ru.scn_files });
  await listed.getByText('прайс.pdf').waitFor();
  const [block] = (await editor.draft()).document.blocks;
  expect(block?.settings.files).toHaveLength(1);
  expect(await axeFindings(page)).toEqual([]);

  // It goes with the block, and comes back by undo.
  await listed.getByRole('button', { name: ru.attach_remove.replace('{name}', 'прайс.pdf') }).click();
  expect((await editor.draft()).document.blocks[0]?.settings.files).toBeUndefined();
  await page.keyboard.press('Control+z');
  await listed.getByText('прайс.pdf').waitFor();
  expect((await editor.draft()).document.blocks[0]?.settings.files).toHaveLength(1);

  await page.reload();
  await editor.card(ru.scn_kind_message).click();
  await listed.getByText('прайс.pdf').waitFor();
});

test('a file that is too large is refused in words and the block stays as it was', async () => {
  const huge = {
    name: 'кино.bin',
    mimeType: 'application/octet-stream',
    buffer: Buffer.alloc(21 * 1024 * 1024),
  };
  await editor.inspector.getByTestId('scenario-file').setInputFiles([huge]);
  await editor.inspector.getByText(ru.attach_too_big).waitFor();
  await editor.inspector
    .getByRole('button', { name: ru.attach_remove.replace('{name}', 'кино.bin') })
    .click();
  expect((await editor.draft()).document.blocks[0]?.settings.files).toHaveLength(1);
});

test('a visitor gets the file from the bot, and the operator sees it in the thread', async () => {
  const { page } = owner;
  const id = editor.id;
  const draft = await editor.draft();
  const path = `/scenarios/${id}`;
  const launch = [{ kind: 'keyword', words: ['прайс'], to: draft.document.blocks[0]!.id }];
  const document = { ...draft.document, launch };
  const saved = await product.api.project<{ revision: number }>('PUT', `${path}/draft`, {
    document,
    revision: draft.revision,
  });
  await product.api.project('POST', `${path}/publish`, { revision: saved.revision });

  const person = await newPerson(browser);
  const widget = new Widget(person.page);
  await person.page.goto(host.url);
  await widget.open();
  await widget.say('прайс');
  const link = widget.part('a').filter({ hasText: 'прайс.pdf' });
  await link.waitFor();
  const answer = await person.page.request.get((await link.getAttribute('href'))!);
  expect([answer.status(), (await answer.body()).toString()]).toEqual([200, '%PDF-1.4 price']);
  expect(person.faults).toEqual([]);

  const [conversation] = await product.api.conversations();
  await new Desk(page, product.origin).open(conversation!.id);
  await page.getByRole('log', { name: ru.thread_log }).getByText('прайс.pdf').waitFor();
});

test('a file that is not of the project is marked in the block, and publishing refuses it by name', async () => {
  const foreign = { text: 'Вот', files: ['fil_00000000000000000000000000000000'] };
  const document = {
    schema: 1,
    launch: [{ kind: 'keyword', words: ['чужое'], to: 'b1' }],
    blocks: [{ id: 'b1', type: 'message', pos: [320, 80], settings: foreign }],
    edges: [],
  };
  const made = await product.api.project<{ id: string }>('POST', '/scenarios', { name: 'Чужое', document });
  await editor.open(made.id);
  await editor.card(ru.scn_kind_message).click();
  await editor.inspector.getByText(ru.scn_file_gone.replace('{number}', '1')).waitFor();
  await editor.inspector.getByText(ru.scn_problem_unknown_file).first().waitFor();
});
