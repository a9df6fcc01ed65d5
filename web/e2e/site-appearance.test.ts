import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Watched, launchBrowser, newPerson } from './support/browser';
import { Desk, ru } from './support/desk';
import { HostPage, policyFor, snippetOf } from './support/host-page';
import { Product } from './support/product';
import { picture } from './support/samples';
import { publish, SiteLook } from './support/site-look';
import { until } from './support/wait';
import { Widget } from './support/widget';

let product: Product;
let host: HostPage;
let browser: Browser;
let look: SiteLook;
const people: Watched[] = [];

async function admin(): Promise<SiteLook> {
  const person = await newPerson(browser);
  people.push(person);
  await new Desk(person.page, product.origin).signIn();
  return new SiteLook(person.page, product);
}

async function visitor(): Promise<Widget> {
  const person = await newPerson(browser);
  people.push(person);
  await person.page.goto(host.url);
  const widget = new Widget(person.page);
  await widget.launcher.waitFor();
  return widget;
}

const addButton = (label: string) =>
  product.api.project<{ id: string }>('POST', '/menu-buttons', {
    label: { ru: label },
    target: { kind: 'chat' },
  });

beforeAll(async () => {
  [product, browser] = await Promise.all([Product.start(), launchBrowser()]);
  host = await HostPage.start(snippetOf(product.origin, product.made.site_key), policyFor(product.origin));
  await addButton('Доставка');
  await addButton('Возврат');
  await publish(product);
  look = await admin();
});

/** Everybody begins with what the site has. */
beforeEach(() => product.api.project('DELETE', '/appearance/draft'));

afterAll(async () => {
  await browser?.close();
  await product?.stop();
  host?.stop();
  expect(people.flatMap(({ faults }) => faults)).toEqual([]);
});

const draftOf = async () => (await look.kept()).draft;
const rgb = (part: string) => look.widget(part).evaluate((node) => getComputedStyle(node).backgroundColor);

test('an edit is in the preview at once, on the site only after publishing', async () => {
  await look.goto('texts');
  const { page } = look;
  await page.getByLabel(ru.look_title_ru).fill('Лампы у дома');
  await page.getByLabel(ru.look_greeting_ru).fill('Поможем выбрать свет');
  await look.widget('.panel').getByText('Поможем выбрать свет').waitFor();
  await look.widget('header').getByText('Лампы у дома').waitFor();
  await look.bar.getByText(ru.look_unpublished).waitFor();
  expect(await look.bar.innerText()).toContain('заголовок, RU, приветствие, RU');
  expect(await page.getByRole('tab', { name: ru.look_tab_texts }).innerText()).toContain(ru.look_tab_changed);

  await page.getByRole('tab', { name: ru.look_tab_general }).click();
  await page.getByRole('textbox', { name: ru.look_brand, exact: true }).fill('#7a3d2b');
  await until('the other brand', async () => (await rgb('.fab')) === 'rgb(122, 61, 43)');

  const before = await visitor();
  await before.open();
  expect(await before.bubble('Поможем выбрать свет').count()).toBe(0);
  await look.publish();
  await page.getByText(ru.look_published).waitFor();
  const after = await visitor();
  await after.open();
  await after.bubble('Поможем выбрать свет').waitFor();
  expect(await after.launcher.evaluate((node) => getComputedStyle(node).backgroundColor)).toBe(
    'rgb(122, 61, 43)',
  );
});

test('the preview shows the other device, theme, language and hours, and says what is not there', async () => {
  const { id } = await addButton('С телефона');
  await product.api.project('PATCH', `/menu-buttons/${id}`, { devices: ['phone'] });
  await look.goto('menu');
  const missing = look.page.getByText('Здесь нет пункта «С телефона»: он включён только для телефона');
  await missing.waitFor();
  await look.widget('.pill').filter({ hasText: 'Доставка' }).waitFor();
  expect(await look.widget('.pill').filter({ hasText: 'С телефона' }).count()).toBe(0);

  await look.button(ru.menu_device_phone).click();
  await missing.waitFor({ state: 'hidden' });
  await look.button(ru.look_preview_close).click();
  await look.widget('.panel').waitFor({ state: 'hidden' });
  await look.button(ru.menu_device_desktop).click();
  await look.button(ru.look_preview_open).click();
  await look.button(ru.look_preview_dark).click();
  await until('a dark panel', async () => (await rgb('.panel')) === 'rgb(24, 25, 27)');
  await look.button(ru.look_preview_offline).click();
  await look.button('EN').click();
  await look.widget('header').getByText('Away now').waitFor();
});

describe('a form before the chat', () => {
  test('is made of the fields of the project, in an order, and seen in the preview', async () => {
    await look.goto('forms');
    const { page } = look;
    await page.getByRole('switch', { name: ru.look_before }).click();
    await page.getByLabel(ru.look_form_text_ru).first().fill('Так ответим быстрее');
    const grip = page.getByRole('button', { name: ru.field_drag.replace('{title}', 'Мобильный телефон') });
    await grip.focus();
    await page.keyboard.press('Alt+ArrowUp');
    await look.widget('form').getByText('Так ответим быстрее').waitFor();
    await until('the order', async () => {
      const { before } = (await draftOf()) as unknown as { before: { fields: object[] } };
      return JSON.stringify(before.fields) ===
        JSON.stringify([
          { key: 'phone', required: true },
          { key: 'name', required: false },
        ])
        ? true
        : undefined;
    });
    await until('both fields', async () => (await look.widget('form input').count()) >= 2);
  });

  test('without fields is refused where it is edited, and asks before it is lost', async () => {
    await look.goto('forms');
    const { page } = look;
    await page.getByRole('switch', { name: ru.look_before }).click();
    for (const name of await page.getByRole('button', { name: new RegExp(`^${ru.look_field_remove}`) }).all())
      await name.waitFor();
    while ((await page.getByRole('button', { name: new RegExp(`^${ru.look_field_remove}`) }).count()) > 0)
      await page
        .getByRole('button', { name: new RegExp(`^${ru.look_field_remove}`) })
        .first()
        .click();
    await page.getByText(ru.problem_form_fields).waitFor();
    await look.bar.getByText(ru.look_not_saved).waitFor();
    await page.getByRole('link', { name: ru.set_fields }).first().click();
    const question = page.getByTestId('unsaved');
    await question.getByRole('button', { name: ru.unsaved_discard }).click();
    await page.waitForURL('**/fields');
  });
});

test('who greets is a name and a photo, which can be had back', async () => {
  await look.goto();
  const { page } = look;
  await page.getByLabel(ru.look_name_ru).fill('Анна, «Тихий свет»');
  await page.locator('input[type=file]').setInputFiles({
    name: 'anna.png',
    mimeType: 'image/png',
    buffer: Buffer.from(picture()),
  });
  await look.widget('header').getByText('Анна, «Тихий свет»').waitFor();
  await look.widget('header img').waitFor();
  await page.getByRole('button', { name: ru.look_photo_remove, exact: true }).click();
  await look.widget('header img').waitFor({ state: 'hidden' });
  await page.getByRole('button', { name: ru.undo, exact: true }).last().click();
  await look.widget('header img').waitFor();
});

test('where the chat is not: patterns, what fits them, devices', async () => {
  await look.goto('places');
  const { page } = look;
  await page.getByLabel(ru.look_pages, { exact: true }).pressSequentially('shop.ru/cart*\n');
  await page.getByLabel(ru.look_pages_check).fill('https://shop.ru/cart/2');
  await page.getByText(ru.look_pages_hidden.replace('{pattern}', 'shop.ru/cart*')).waitFor();
  await page.getByLabel(ru.look_pages_check).fill('https://shop.ru/');
  await page.getByText(ru.look_pages_shown).waitFor();
  await page.getByLabel(ru.menu_device_desktop).uncheck();
  await page.getByText(ru.look_note_device).waitFor();
  await until('it to be saved', async () => {
    const { hidden } = (await draftOf()) as unknown as { hidden: object };
    return JSON.stringify(hidden) === '{"pages":["shop.ru/cart*"],"devices":["desktop"]}' ? true : undefined;
  });
});

test('a menu button that is edited is on the site only after publishing', async () => {
  await look.goto('menu');
  const { page } = look;
  await look.button('Доставка').click();
  await page.getByLabel(ru.menu_label_ru).fill('Доставка и оплата');
  await look.row('Доставка и оплата').getByText(ru.menu_change_changed).waitFor();
  await look.widget('.pill').filter({ hasText: 'Доставка и оплата' }).waitFor();

  await page.getByRole('button', { name: `${ru.more}: Возврат` }).click();
  await page.getByRole('menuitem', { name: ru.delete }).click();
  await look.row('Возврат').getByText(ru.menu_change_removed).waitFor();

  await page.getByRole('button', { name: ru.menu_add }).click();
  await page.getByLabel(ru.menu_kind).selectOption('chat');
  await page.getByLabel(ru.menu_label_ru).fill('Спросить');
  await look.button(ru.menu_add_this).click();
  await look.row('Спросить').getByText(ru.menu_change_new).waitFor();
  await until('the words of the bar', async () =>
    (await look.bar.innerText()).includes(
      'пункт «Доставка и оплата», удалён пункт «Возврат», новый пункт «Спросить»',
    ),
  );

  const before = await visitor();
  await before.open();
  await before.part('.pill').filter({ hasText: 'Возврат' }).waitFor();
  expect(await before.part('.pill').filter({ hasText: 'Доставка и оплата' }).count()).toBe(0);
  await look.publish();
  await look.row('Возврат').waitFor({ state: 'hidden' });
  const after = await visitor();
  await after.open();
  await after.part('.pill').filter({ hasText: 'Доставка и оплата' }).waitFor();
  expect(await after.part('.pill').allInnerTexts()).toEqual(['Доставка и оплата', 'Спросить']);
});

test('a removed button comes back from its row', async () => {
  await look.goto('menu');
  const { page } = look;
  await page.getByRole('button', { name: `${ru.more}: Спросить` }).click();
  await page.getByRole('menuitem', { name: ru.delete }).click();
  await look.row('Спросить').getByRole('button', { name: ru.menu_restore }).click();
  await look.bar.getByText(ru.look_all_published).waitFor();
});

test('edits are discarded, buttons among them, and can be had back', async () => {
  await look.goto('menu');
  const { page } = look;
  await look.button('Спросить').click();
  await page.getByLabel(ru.menu_label_ru).fill('Спросить нас');
  await look.row('Спросить нас').getByText(ru.menu_change_changed).waitFor();
  await addButton('Ещё один');
  await look.row('Ещё один').waitFor();
  await page.getByRole('tab', { name: ru.look_tab_texts }).click();
  await page.getByLabel(ru.look_title_ru).fill('На один день');
  await until('it to be saved', async () => (await draftOf()).title === 'На один день');

  await look.button(ru.look_revert).click();
  await look.bar.getByText(ru.look_all_published).waitFor();
  expect(await page.getByLabel(ru.look_title_ru).inputValue()).toBe('Лампы у дома');
  await page.getByRole('button', { name: ru.undo, exact: true }).last().click();
  await until('all of it back', async () => (await look.kept()).changes.length === 3);
  expect(await page.getByLabel(ru.look_title_ru).inputValue()).toBe('На один день');
  await page.getByRole('tab', { name: ru.set_menu }).click();
  await look.row('Спросить нас').getByText(ru.menu_change_changed).waitFor();
  await look.row('Ещё один').getByText(ru.menu_change_new).waitFor();
});

describe('two administrators at once', () => {
  test('see each other’s edits, and do not lose their own', async () => {
    const other = await admin();
    await Promise.all([look.goto('texts'), other.goto()]);
    await look.page.getByLabel(ru.look_title_ru).fill('Правит первый');
    await other.page.getByRole('textbox', { name: ru.look_brand, exact: true }).fill('#333399');
    await until('both edits', async () => {
      const { title, brand } = await draftOf();
      return title === 'Правит первый' && brand === '#333399';
    });
    await other.page.getByRole('tab', { name: ru.look_tab_texts }).click();
    await until(
      'the edit of the first',
      async () => (await other.page.getByLabel(ru.look_title_ru).inputValue()) === 'Правит первый',
    );
  });

  test('decide when both have edited the same, and nothing typed is lost', async () => {
    await look.goto('texts');
    const { page } = look;
    const title = page.getByLabel(ru.look_title_ru);
    await look.savedByAnother({ title: 'Сохранил другой' });
    await title.fill('Пишу я');
    await page.getByText(ru.look_clash.split('{')[0]!).waitFor();
    expect(await title.inputValue()).toBe('Пишу я');
    expect((await draftOf()).title).toBe('Сохранил другой');
    await look.button(ru.look_clash_theirs).click();
    expect(await title.inputValue()).toBe('Сохранил другой');
    await page.getByRole('button', { name: ru.undo, exact: true }).last().click();
    await until('mine again', async () => (await draftOf()).title === 'Пишу я');
    expect(await title.inputValue()).toBe('Пишу я');
  });

  test('publish what they have looked at, not what somebody saved a moment ago', async () => {
    await look.goto('texts');
    await look.page.getByLabel(ru.look_title_ru).fill('Моё');
    await until('it to be saved', async () => (await draftOf()).title === 'Моё');
    await look.savedByAnother({ brand: '#123456' });
    await look.publishButton.click();
    await look.page.getByText(ru.problem_draft_changed).waitFor();
    expect((await look.kept()).published.title).not.toBe('Моё');
    await look.publish();
    expect((await look.kept()).published).toMatchObject({ title: 'Моё', brand: '#123456' });
  });
});

test('all of it goes without a mouse', async () => {
  await look.goto();
  const { page } = look;
  await page.getByRole('tab', { name: ru.look_tab_general }).focus();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  expect(await page.evaluate(() => document.activeElement?.textContent)).toContain(ru.look_tab_texts);
  await page.keyboard.press('Tab');
  await page.keyboard.press('ControlOrMeta+a');
  await page.keyboard.type('Без мыши');
  await look.widget('header').getByText('Без мыши').waitFor();
  await until('it to be saved', async () => (await draftOf()).title === 'Без мыши');
  // From the end of the page backwards: the last button is the one that publishes.
  await look.publishButton.focus();
  await page.keyboard.press('Enter');
  await look.bar.getByText(ru.look_all_published).waitFor();
  expect((await look.kept()).published.title).toBe('Без мыши');

  await page.getByRole('tab', { name: ru.look_tab_texts }).focus();
  for (let step = 0; step < 2; step++) await page.keyboard.press('ArrowLeft');
  const grip = page.getByRole('button', { name: ru.field_drag.replace('{title}', 'Спросить') });
  await grip.focus();
  await page.keyboard.press('Alt+ArrowUp');
  await look.row('Спросить').getByText(ru.menu_change_moved).waitFor();
  const moved = ru.field_drag.replace('{title}', 'Спросить');
  await until('the handle to have the focus still', () =>
    page.evaluate((name) => document.activeElement?.getAttribute('aria-label') === name, moved),
  );
});

test('old links to menu buttons lead to their tab, and a tab has an address', async () => {
  const { page } = look;
  const old = `${product.origin}/projects/${product.made.project_id}/settings/menu-buttons`;
  await page.goto(old);
  await page.waitForURL('**/appearance?tab=menu');
  await look.row('Спросить').waitFor();
  await page.getByRole('tab', { name: ru.look_tab_places }).click();
  await page.waitForURL('**/appearance?tab=places');
  await page.reload();
  await page.getByLabel(ru.look_pages_check).waitFor();
});

test('an operator is told who can change it', async () => {
  const { page } = look;
  await page.route('**/api/v1/me', async (route) => {
    const response = await route.fetch();
    const me = (await response.json()) as { user: object };
    await route.fulfill({ response, json: { ...me, user: { ...me.user, role: 'operator' } } });
  });
  await page.goto(`${product.origin}/projects/${product.made.project_id}/settings/appearance`);
  // Who can grant it is named as soon as the project's people are known.
  const [owner] = (await product.api.project<{ items: { name: string }[] }>('GET', '/users')).items;
  await page.getByText(ru.no_access_who.replace('{names}', owner!.name)).waitFor();
  await page.unroute('**/api/v1/me');
});

test('says what failed, and tries again', async () => {
  const { page } = look;
  let isDown = true;
  await page.route('**/api/v1/projects/*/appearance', (route) =>
    isDown ? route.fulfill({ status: 500, json: { code: 'internal' } }) : route.continue(),
  );
  await page.goto(`${product.origin}/projects/${product.made.project_id}/settings/appearance`);
  await page.getByText(ru.error_title).waitFor();
  isDown = false;
  await page.getByRole('button', { name: ru.retry }).click();
  await look.bar.waitFor();
  await page.unroute('**/api/v1/projects/*/appearance');
});
