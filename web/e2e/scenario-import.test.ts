import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import en from '../apps/desk/messages/en.json' with { type: 'json' };
import { axeFindings } from './support/axe';
import { type Watched, launchBrowser, newPerson } from './support/browser';
import { Desk, ru } from './support/desk';
import { ScenarioEditor } from './support/editor';
import { Product } from './support/product';
import { shot } from './support/shot';

let product: Product;
let browser: Browser;
let owner: Watched;
let editor: ScenarioEditor;

beforeAll(async () => {
  [product, browser] = await Promise.all([Product.start(), launchBrowser()]);
  owner = await newPerson(browser);
  await new Desk(owner.page, product.origin).signIn();
  editor = new ScenarioEditor(owner.page, product.origin, product.made.project_id);
});

afterAll(async () => {
  await browser?.close();
  await product?.stop();
  expect(owner?.faults).toEqual([]);
});

const say = (id: string, text: string) => ({
  id,
  type: 'text',
  content: { richText: [{ type: 'p', children: [{ text }] }] },
});

/** A small bot as Typebot 6.1 exports it: a question, a choice, a model, and an address that is missing. */
const BOT = {
  version: '6.1',
  id: 'bot',
  name: 'Запись на стрижку',
  events: [{ id: 'ev', type: 'start', outgoingEdgeId: 'e1', graphCoordinates: { x: 0, y: 0 } }],
  groups: [
    {
      id: 'g1',
      title: 'Знакомство',
      graphCoordinates: { x: 200, y: 100 },
      blocks: [
        say('t1', 'Здравствуйте!'),
        say('t2', 'Как вас зовут?'),
        { id: 'i1', type: 'text input', options: { variableId: 'v1' } },
        say('t3', '{{Имя}}, к кому записать?'),
        {
          id: 'i2',
          type: 'choice input',
          outgoingEdgeId: 'e2',
          items: [
            { id: 'c1', content: 'К Ане', outgoingEdgeId: 'e3' },
            { id: 'c2', content: 'К кому угодно' },
          ],
        },
      ],
    },
    {
      id: 'g2',
      title: 'Подбор',
      graphCoordinates: { x: 620, y: 100 },
      blocks: [{ id: 'o1', type: 'openai', options: {} }, say('t4', 'Подобрали')],
    },
    {
      id: 'g3',
      title: 'Аня',
      graphCoordinates: { x: 620, y: 420 },
      blocks: [{ id: 's1', type: 'Google Sheets', options: {} }, say('t5', 'Аня ждёт вас')],
    },
    {
      id: 'g4',
      title: 'Забытая',
      graphCoordinates: { x: 200, y: 900 },
      blocks: [say('t6', 'Никто не видит')],
    },
  ],
  edges: [
    { id: 'e1', from: { eventId: 'ev' }, to: { groupId: 'g1' } },
    { id: 'e2', from: { blockId: 'i2' }, to: { groupId: 'g2' } },
    { id: 'e3', from: { blockId: 'i2', itemId: 'c1' }, to: { groupId: 'g3' } },
    { id: 'e4', from: { blockId: 'gone' }, to: { groupId: 'g3' } },
  ],
  variables: [{ id: 'v1', name: 'Имя' }],
};

const fileOf = (name: string, text: string) => ({
  name,
  mimeType: 'application/json',
  buffer: Buffer.from(text),
});

const page = () => owner.page;
async function upload(name: string, text: string, where = page()) {
  await where.goto(`${product.origin}/projects/${product.made.project_id}/settings/scenarios`);
  await where.getByTestId('scenario-file').setInputFiles(fileOf(name, text));
}

test('a bot of Typebot is taken over, what it loses is said, and its draft opens', async () => {
  await upload('bot.json', JSON.stringify(BOT));
  const report = page().getByTestId('import-report');
  await report.waitFor();
  await page().getByRole('dialog').getByText('Запись на стрижку').waitFor();
  expect(await report.locator('dd').allTextContents()).toEqual(['10', '8', '0', '2']);
  const placeholders = page().getByTestId('placeholders').locator('li');
  expect((await placeholders.allTextContents()).map((text) => text.replace(/\s+/g, ' ').trim())).toEqual([
    'openai Подбор',
    `Google Sheets Аня ${ru.scn_typebot_must_fill}`,
  ]);
  const warnings = page().getByTestId('import-warnings');
  await warnings.getByText(ru.scn_typebot_unreachable_group).getByText('Забытая').waitFor();
  await warnings.getByText(ru.scn_typebot_edge_from_nowhere).getByText('1', { exact: true }).waitFor();
  await page().getByRole('button', { name: ru.scn_typebot_open }).click();

  await editor.saveMark.waitFor();
  await editor.card('Знакомство').waitFor();
  const { document, problems } = await editor.ask<Awaited<ReturnType<typeof editor.draft>>>('/draft');
  expect(document.blocks.map(({ type }) => type)).toEqual([
    'message',
    'message',
    'message',
    'set',
    'message',
    'http',
    'message',
    'message',
  ]);
  expect(document.launch).toEqual([{ kind: 'first_message', to: 'b1' }]);
  // Only what must be filled in keeps it from being published.
  expect(problems.filter(({ level }) => level === 'error').map(({ code, block }) => [code, block])).toEqual([
    ['bad_url', 'b6'],
  ]);
});

test('the draft runs as the bot did', async () => {
  await page().keyboard.press('Control+Enter');
  await editor.log.getByText('Как вас зовут?').waitFor();
  await editor.say('Оля');
  await editor.log.getByText('Оля, к кому записать?').waitFor();
  await editor.say('не знаю');
  await editor.log.getByRole('button', { name: 'К кому угодно' }).last().click();
  await editor.log.getByText('Подобрали').waitFor();
  await editor.testPanel.getByRole('button', { name: ru.close }).click();
});

test('Escape opens the draft, too', async () => {
  await upload('bot.json', JSON.stringify({ ...BOT, name: '' }));
  await page().getByTestId('import-report').waitFor();
  await page().keyboard.press('Escape');
  await editor.saveMark.waitFor();
  await page().getByText('bot', { exact: true }).or(page().locator('input[value="bot"]')).first().waitFor();
});

test('a scenario of ours opens at once, and any other file gets words', async () => {
  const own = { schema: 1, name: 'Свой', blocks: [{ id: 'b1', type: 'end' }], edges: [] };
  await upload('own.json', JSON.stringify(own));
  await editor.saveMark.waitFor();
  expect(await page().getByTestId('import-report').count()).toBe(0);
  for (const [text, words] of [
    ['{"groups": [', ru.scn_import_not_json],
    ['{"nodes": []}', ru.scn_import_not_typebot],
    ['{"version": "2", "groups": [{"blocks": []}]}', ru.scn_import_old_version],
  ] as const) {
    await upload('other.json', text);
    await page().getByText(words).waitFor();
  }
});

describe.each([
  { look: 'light, wide, Russian', width: 1280, dark: false, locale: 'ru' },
  { look: 'dark, phone, English', width: 390, dark: true, locale: 'en' },
])('$look', ({ width, dark, locale }) => {
  test('the report has no serious problem of access', async () => {
    const words = locale === 'ru' ? ru : en;
    const person = await newPerson(browser, {
      width,
      height: 800,
      dark,
      locale: locale === 'ru' ? 'ru-RU' : 'en-GB',
    });
    const desk = new Desk(person.page, product.origin);
    await desk.signIn();
    await desk.changeMe({ locale });
    await upload('bot.json', JSON.stringify(BOT), person.page);
    await person.page.getByText(words.scn_typebot_placeholders_text).waitFor();
    expect(await axeFindings(person.page)).toEqual([]);
    expect(await person.page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
    await shot(person.page, `import-${locale}-${width}`);
    expect(person.faults).toEqual([]);
    await person.context.close();
  });
});
