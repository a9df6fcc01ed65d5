import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import en from '../apps/desk/messages/en.json' with { type: 'json' };
import { axeFindings } from './support/axe';
import { type Watched, launchBrowser, newPerson } from './support/browser';
import { Desk, ru } from './support/desk';
import { ScenarioEditor } from './support/editor';
import { Product } from './support/product';

let product: Product;
let browser: Browser;
let owner: Watched;
let editor: ScenarioEditor;

beforeAll(async () => {
  [product, browser] = await Promise.all([Product.start(), launchBrowser()]);
  owner = await newPerson(browser);
  await owner.context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await new Desk(owner.page, product.origin).signIn();
  editor = new ScenarioEditor(owner.page, product.origin, product.made.project_id);
});

afterAll(async () => {
  await browser?.close();
  await product?.stop();
  expect(owner?.faults).toEqual([]);
});

const page = () => owner.page;

test('the example of the source product is built by mouse, tried, and published', async () => {
  await editor.create('Пример');
  await editor.add(ru.scn_kind_check_field);
  await editor.field(ru.scn_check_field).selectOption({ label: 'Мобильный телефон' });
  await editor.add(ru.scn_kind_message);
  await editor.field(ru.scn_title).fill('Уже знаем');
  await editor.field(ru.scn_text).fill('Спасибо, номер есть');
  // The other exit is dragged to the empty canvas, where the choice of blocks opens.
  await page().keyboard.press('Control+s');
  await editor.clickNowhere();
  const box = await editor.canvas.boundingBox();
  const below = { x: (box?.x ?? 0) + (box?.width ?? 0) / 2, y: (box?.y ?? 0) + (box?.height ?? 0) - 160 };
  await editor.drag(editor.port(ru.scn_kind_check_field, ru.scn_exit_not_filled), below);
  await page()
    .getByRole('dialog', { name: ru.scn_pick })
    .getByRole('option', { name: ru.scn_kind_message })
    .click();
  await editor.field(ru.scn_title).fill('Спросить телефон');
  await editor.field(ru.scn_text).fill('Ваш телефон?');
  await editor.inspector.getByRole('switch', { name: ru.scn_wait }).click();
  await editor.field(ru.scn_expect).selectOption({ label: ru.scn_expect_phone });
  await editor.field(ru.scn_save_to).selectOption({ label: 'Мобильный телефон' });
  expect(await editor.field(ru.scn_on_incorrect_retry).isChecked()).toBe(true);
  await editor.field(ru.scn_error_text).fill('Это не номер');
  // The two cards are joined by dragging from port to port.
  const entry = editor.card('Уже знаем').locator('.svelte-flow__handle.in');
  await editor.clickNowhere();
  await page().keyboard.press('f');
  await entry.waitFor();
  await page().waitForTimeout(300);
  await editor.drag(editor.port('Спросить телефон', ru.scn_exit_correct), entry);

  const { document } = await editor.draft();
  const [check, known, ask] = document.blocks;
  expect(document.launch.map(({ to }) => to)).toEqual([check?.id]);
  expect(document.edges).toEqual(
    expect.arrayContaining([
      { from: [check?.id, 'filled'], to: known?.id },
      { from: [check?.id, 'else'], to: ask?.id },
      { from: [ask?.id, 'correct'], to: known?.id },
    ]),
  );
  expect(ask?.settings.wait).toEqual({
    expect: 'phone',
    save_to: 'phone',
    on_incorrect: 'retry',
    error_text: 'Это не номер',
  });

  await page().keyboard.press('Control+Enter');
  await editor.log.getByText('Ваш телефон?').waitFor();
  await page().locator('article.current').getByText('Спросить телефон').waitFor();
  await editor.say('а зачем?');
  await editor.log.getByText('Это не номер').waitFor();
  await editor.say('8 912 555-01-42');
  await editor.log.getByText('Спасибо, номер есть').waitFor();
  await editor.testPanel.getByRole('tab', { name: ru.scn_test_values }).click();
  await editor.testPanel.getByText('+79125550142').waitFor();
  await editor.testPanel.getByRole('button', { name: ru.close }).click();

  await page().getByRole('button', { name: ru.scn_publish }).click();
  const dialog = page().getByTestId('publish');
  await dialog.getByText('Спросить телефон').waitFor();
  await page().getByRole('dialog').getByRole('button', { name: ru.scn_publish }).click();
  await page().getByText('Опубликована версия 1').waitFor();
});

test('the other action lets a wrong answer go on through an exit of its own', async () => {
  await editor.card('Спросить телефон').click();
  await editor.field(ru.scn_on_incorrect_exit).check();
  await editor.inspector.getByText(ru.scn_exit_added).waitFor();
  await editor.card('Спросить телефон').getByText(ru.scn_exit_incorrect).waitFor();
  await editor.field(ru.scn_exit_incorrect).selectOption({ label: 'Уже знаем' });
  await page().keyboard.press('Control+Enter');
  await editor.log.getByText('Ваш телефон?').waitFor();
  await editor.say('а зачем?');
  await editor.log.getByText('Спасибо, номер есть').waitFor();
  await editor.testPanel.getByRole('button', { name: ru.close }).click();
});

test('no key of the canvas acts while somebody types', async () => {
  await editor.card('Спросить телефон').click();
  const text = editor.field(ru.scn_text);
  await text.fill('abc');
  for (const key of [
    'Backspace',
    'Shift+Backspace',
    'Control+Backspace',
    'Delete',
    'Control+d',
    'f',
    'Control+a',
  ])
    await text.press(key);
  await editor.inspector.getByLabel(ru.scn_title).press('Delete');
  expect(await page().getByTestId('block-card').count()).toBe(3);
  const { document } = await editor.draft();
  expect(document.blocks).toHaveLength(3);
  await text.fill('Ваш телефон?');
  await editor.field(ru.scn_title).fill('Спросить телефон');
});

test('a gesture is one step back, by the key of any layout', async () => {
  const before = await editor.draft();
  await editor.clickNowhere();
  await editor.drag(editor.card('Уже знаем').locator('header b'), { x: 900, y: 700 });
  await page().keyboard.press('Shift+L');
  await editor.card('Уже знаем').click();
  await editor.clickNowhere();
  await page().evaluate(() => {
    for (let step = 0; step < 2; step += 1) {
      const init = { key: 'я', code: 'KeyZ', ctrlKey: true, bubbles: true, cancelable: true };
      document.body.dispatchEvent(new KeyboardEvent('keydown', init));
    }
  });
  const after = await editor.draft();
  expect(after.document.blocks).toEqual(before.document.blocks);
});

test('blocks are copied to another scenario with what joins them', async () => {
  await page().keyboard.press('Control+a');
  await page().keyboard.press('Control+c');
  await editor.create('Копия примера');
  await editor.clickNowhere();
  await page().keyboard.press('Control+v');
  // They hang from the pointer, most of them out of sight.
  await page().keyboard.press('f');
  await editor.card('Спросить телефон').waitFor();
  const { document } = await editor.draft();
  expect(document.blocks).toHaveLength(3);
  expect(document.edges).toHaveLength(4);
  await page().keyboard.press('Control+z');
  expect(await page().getByTestId('block-card').count()).toBe(0);
  await page().evaluate(() => navigator.clipboard.writeText('{"otklik":"flow-blocks","version":1}'));
  await page().keyboard.press('Control+v');
  await page().getByText(ru.scn_paste_broken).waitFor();
});

test('publishing is refused while there are errors, and each leads to its block', async () => {
  await editor.create('С ошибкой');
  await editor.add(ru.scn_kind_message);
  await editor.saved();
  await page().getByRole('button', { name: ru.scn_publish }).click();
  const dialog = page().getByRole('dialog');
  await dialog.getByText(ru.scn_problem_empty_text).waitFor();
  expect(await dialog.getByRole('button', { name: ru.scn_publish }).isDisabled()).toBe(true);
  await dialog.getByRole('button', { name: ru.scn_show_problems }).click();
  await editor.clickNowhere();
  await page().getByTestId('problem-list').getByText(ru.scn_problem_empty_text).click();
  await page().locator('article.chosen.faulty').waitFor();
});

test('who saved second writes nothing over it, until that is what is wanted', async () => {
  const other = await owner.context.newPage();
  const second = new ScenarioEditor(other, product.origin, product.made.project_id);
  await second.open(editor.id);
  await second.card(ru.scn_kind_message).click();
  await second.field(ru.scn_text).fill('Второе окно');
  await second.draft();

  await editor.card(ru.scn_kind_message).click();
  await page().getByTestId('problem-list').getByRole('button', { name: ru.close }).click();
  await editor.field(ru.scn_text).fill('Первое окно');
  await page().getByText(ru.scn_take_over).waitFor();
  expect(await editor.saveMark.getAttribute('data-state')).toBe('taken');
  expect(await editor.field(ru.scn_text).isDisabled()).toBe(true);
  expect(await page().getByRole('button', { name: ru.scn_publish }).isDisabled()).toBe(true);
  await page().waitForTimeout(2_500);
  const theirs = await second.ask<{ document: { blocks: { settings: { text: string } }[] } }>('/draft');
  expect(theirs.document.blocks[0]?.settings.text).toBe('Второе окно');

  await page().getByRole('button', { name: ru.scn_take_over }).click();
  const { document } = await editor.draft();
  expect(document.blocks[0]?.settings.text).toBe('Первое окно');
  await other.close();
});

test('a version comes back into the draft, and that is one step back', async () => {
  await editor.create('Версии', ru.scn_template_phone);
  await page().getByRole('button', { name: ru.scn_publish }).click();
  await page().getByRole('dialog').getByRole('button', { name: ru.scn_publish }).click();
  await page().getByText('Опубликована версия 1').waitFor();
  await editor.card('Спросить телефон').click();
  await page().keyboard.press('Delete');
  await editor.draft();
  await page().getByRole('button', { name: ru.more, exact: true }).first().click();
  await page().getByRole('menuitem', { name: ru.scn_versions }).click();
  await page().getByRole('button', { name: ru.scn_restore }).click();
  await editor.card('Спросить телефон').waitFor();
  await page().keyboard.press('Control+z');
  await editor.card('Спросить телефон').waitFor({ state: 'detached' });
});

describe('by keys alone', () => {
  test('three blocks are built, joined, published and tried', async () => {
    await editor.create('Клавиши');
    const keys = page().keyboard;
    const find = editor.palette.getByRole('searchbox');
    const addByKeys = async (name: string) => {
      await find.focus();
      await find.fill(name);
      await keys.press('Tab');
      await keys.press('Enter');
      await find.fill('');
    };
    await addByKeys(ru.scn_kind_message);
    await page().locator('.svelte-flow__node').last().focus();
    await keys.press('Enter');
    await expect
      .poll(() => editor.field(ru.scn_title).evaluate((one) => one === one.ownerDocument.activeElement))
      .toBe(true);
    await keys.type('Привет');
    await keys.press('Tab');
    await keys.type('Здравствуйте');
    await addByKeys(ru.scn_kind_tag);
    await editor.field(ru.scn_tags_add).focus();
    await keys.type('новый');
    await keys.press('Enter');
    await addByKeys(ru.scn_kind_end);
    const { document, problems } = await editor.draft();
    const ids = document.blocks.map(({ id }) => id);
    expect(document.blocks.map(({ type }) => type)).toEqual(['message', 'tag', 'end']);
    expect(document.edges).toEqual([
      { from: [ids[0], 'next'], to: ids[1] },
      { from: [ids[1], 'next'], to: ids[2] },
    ]);
    expect(problems.filter(({ level }) => level === 'error')).toEqual([]);
    await page().getByRole('button', { name: ru.scn_publish }).focus();
    await keys.press('Enter');
    await page().getByTestId('publish').waitFor();
    await page().getByRole('dialog').getByRole('button', { name: ru.scn_publish }).focus();
    await keys.press('Enter');
    await page().getByText('Опубликована версия 1').waitFor();
    await keys.press('Control+Enter');
    await editor.log.getByText('Здравствуйте').waitFor();
  });

  test('a key pressed while a dialog closes is not lost', async () => {
    await page().keyboard.press('Escape');
    await editor.testPanel.waitFor({ state: 'detached' });
    await page().getByRole('button', { name: ru.scn_publish }).click();
    await page().evaluate(() => {
      const closing = new MutationObserver(() => {
        if (!document.querySelector('[role="dialog"][data-state="closed"]')) return;
        closing.disconnect();
        const init = { key: 'Enter', code: 'Enter', ctrlKey: true, bubbles: true, cancelable: true };
        document.body.dispatchEvent(new KeyboardEvent('keydown', init));
      });
      closing.observe(document.body, { subtree: true, childList: true, attributes: true });
    });
    await page().getByRole('dialog').getByRole('button', { name: ru.cancel }).click();
    await editor.log.getByText('Здравствуйте').waitFor();
  });
});

test('every template has no error, and nothing that its maker should look at', async () => {
  for (const template of ['phone', 'contract', 'hours', 'quality', 'faq', 'department'] as const) {
    await editor.create(template, ru[`scn_template_${template}`]);
    const { problems } = await editor.draft();
    expect([template, problems]).toEqual([template, []]);
  }
});

describe.each([
  { look: 'light, wide, Russian', width: 1280, height: 800, dark: false, locale: 'ru' },
  { look: 'dark, wide, English', width: 1280, height: 800, dark: true, locale: 'en' },
  { look: 'light, phone, English', width: 390, height: 844, dark: false, locale: 'en' },
  { look: 'dark, phone, Russian', width: 390, height: 844, dark: true, locale: 'ru' },
])('$look', ({ width, height, dark, locale }) => {
  const words = locale === 'ru' ? ru : en;

  test('the editor, its parts and its test run have no serious problem of access', async () => {
    const person = await newPerson(browser, {
      width,
      height,
      dark,
      locale: locale === 'ru' ? 'ru-RU' : 'en-GB',
    });
    const desk = new Desk(person.page, product.origin);
    await desk.signIn();
    await desk.changeMe({ locale });
    const looker = new ScenarioEditor(person.page, product.origin, product.made.project_id);
    await looker.open(editor.id);
    const isPhone = width < 900;
    const find = async (where: string) =>
      expect([where, await axeFindings(person.page)]).toEqual([where, []]);
    await find('scheme');
    const blocks = isPhone
      ? person.page.locator('[data-block] .name button')
      : person.page.getByTestId('block-card');
    await blocks.first().click();
    await looker.inspector.waitFor();
    await find('inspector');
    await looker.inspector.getByRole('button', { name: words.close }).click();
    await person.page.getByTestId('problems').click();
    await find('problems');
    await person.page.getByTestId('problem-list').getByRole('button', { name: words.close }).click();
    if (!isPhone) {
      await person.page.getByRole('button', { name: words.scn_view_list }).click();
      await find('list');
    }
    await person.page.getByRole('button', { name: words.scn_test, exact: true }).click();
    await looker.log.waitFor();
    await find('test run');
    expect(await person.page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
    expect(person.faults).toEqual([]);
    await person.context.close();
  });
});
