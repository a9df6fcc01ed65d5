import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import en from '../apps/desk/messages/en.json' with { type: 'json' };
import { axeFindings } from './support/axe';
import { type Watched, launchBrowser, newPerson } from './support/browser';
import { Desk, ru } from './support/desk';
import { HostPage, snippetOf } from './support/host-page';
import { type Look, LOOKS } from './support/looks';
import { Product } from './support/product';
import { lookName, shot } from './support/shot';
import { until } from './support/wait';
import { Widget } from './support/widget';

let product: Product;
let browser: Browser;
let desk: Desk;
const people: Watched[] = [];

interface Named {
  id: string;
  title: string;
  enabled: boolean;
  starts: string;
  conditions: unknown;
  actions: unknown[];
  limits: unknown;
}

const at = (query = '') => `/projects/${product.made.project_id}/settings/auto-actions${query}`;
const rules = async () => (await product.api.project<{ items: Named[] }>('GET', '/auto-actions')).items;
const suggests = async () =>
  (await product.api.project<{ items: { id: string; label: { ru: string } }[] }>('GET', '/suggests')).items;
const say = (text: string, values: Record<string, string>) =>
  Object.entries(values).reduce((said, [name, value]) => said.replace(`{${name}}`, value), text);

beforeAll(async () => {
  [product, browser] = await Promise.all([Product.start(), launchBrowser()]);
  const owner = await newPerson(browser);
  people.push(owner);
  desk = new Desk(owner.page, product.origin);
  await desk.signIn();
});

afterAll(async () => {
  await browser?.close();
  await product?.stop();
  expect(people.flatMap(({ faults }) => faults)).toEqual([]);
});

test('an owner makes a suggest by mouse', async () => {
  const { page } = desk;
  await desk.goto(at());
  await page.getByText(ru.aa_none, { exact: true }).waitFor();
  await page.getByRole('link', { name: ru.aa_tab_suggests }).click();
  await page.getByRole('button', { name: ru.sug_add }).first().click();
  await page.getByLabel(ru.menu_label_ru).fill('Подобрать по комнате');
  await page.getByLabel(ru.menu_label_en).fill('Choose by room');
  await page.getByLabel(ru.sug_text_ru).fill('Подберите лампу для спальни');
  await page.getByRole('button', { name: ru.save }).click();
  await page.getByText(ru.sug_unused).waitFor();
  expect(await suggests()).toMatchObject([
    {
      label: { ru: 'Подобрать по комнате', en: 'Choose by room' },
      target: { kind: 'text', text: { ru: 'Подберите лампу для спальни' } },
      problem: null,
    },
  ]);
});

test('an auto-action is put together by mouse, and a wrong value is refused at its place', async () => {
  const { page } = desk;
  await desk.goto(at());
  await page.getByRole('button', { name: ru.aa_add }).first().click();
  await page.getByLabel(ru.aa_title).fill('Помощь с подвесами');
  await page.getByRole('button', { name: ru.aa_condition_add }).click();
  const first = page.getByRole('group', { name: ru.aa_condition, exact: true }).first();
  await first.getByLabel(ru.aa_comparison).selectOption({ label: ru.aa_op_starts_with });
  await first.getByLabel(ru.aa_value).fill('/podvesy');

  await page.getByRole('button', { name: ru.aa_group_add }).click();
  const inner = page.getByRole('group', { name: ru.aa_group, exact: true }).first();
  await inner.getByLabel(ru.aa_fact).selectOption({ label: ru.aa_fact_seconds_on_page });
  await inner.getByLabel(ru.aa_value).fill('много');
  await inner.getByRole('button', { name: ru.aa_condition_add }).click();
  await inner.getByLabel(ru.aa_fact).nth(1).selectOption({ label: ru.aa_fact_device });
  await inner.getByLabel(ru.aa_comparison).nth(1).selectOption({ label: ru.aa_op_in });
  await inner.getByLabel(ru.menu_device_phone).check();

  await page.getByRole('button', { name: ru.aa_action_add }).click();
  await page.getByRole('menuitem', { name: ru.aa_act_show_suggests }).click();
  await page.getByLabel('Подобрать по комнате').check();
  await page.getByRole('button', { name: ru.save, exact: true }).click();

  const wrong = inner.getByLabel(ru.aa_value).first();
  await inner.getByText(ru.aa_need_number).waitFor();
  expect(await wrong.getAttribute('aria-invalid')).toBe('true');
  expect(await first.getByLabel(ru.aa_value).getAttribute('aria-invalid')).toBeNull();
  expect(await rules()).toEqual([]);
  expect(await axeFindings(page)).toEqual([]);

  await wrong.fill('30');
  await page.getByRole('button', { name: ru.save, exact: true }).click();
  await page.getByRole('button', { name: 'Помощь с подвесами', exact: true }).waitFor();
  const [suggest] = await suggests();
  expect(await rules()).toMatchObject([
    {
      title: 'Помощь с подвесами',
      enabled: true,
      starts: 'page',
      conditions: {
        all: [
          { fact: 'page_path', op: 'starts_with', value: '/podvesy' },
          {
            any: [
              { fact: 'seconds_on_page', op: 'at_least', value: 30 },
              { fact: 'device', op: 'in', value: ['phone'] },
            ],
          },
        ],
      },
      actions: [{ type: 'show_suggests', suggest_ids: [suggest!.id] }],
      limits: { per: 'visit', times: 1 },
    },
  ]);
});

test('another one is made with keys alone, and unsaved edits ask', async () => {
  const { page } = desk;
  await desk.goto(at());
  const add = page.getByRole('button', { name: ru.aa_add });
  await add.waitFor();
  await add.focus();
  await page.keyboard.press('Enter');
  await page.getByLabel(ru.aa_title).focus();
  await page.keyboard.type('Уходящему');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  // A start brings the condition that it wants.
  for (let step = 0; step < 3; step++) await page.keyboard.press('ArrowDown');
  await until('the condition of leaving', async () => (await page.getByLabel(ru.aa_fact).count()) === 1);
  await page.getByRole('button', { name: ru.aa_action_add }).focus();
  await page.keyboard.press('Enter');
  await page.getByRole('menuitem', { name: ru.aa_act_message }).waitFor();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await page.getByLabel(ru.aa_message_text).focus();
  await page.keyboard.type('Остались вопросы?');

  await page.getByRole('link', { name: ru.set_fields }).first().click();
  await page.getByTestId('unsaved').waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: ru.save, exact: true }).focus();
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Уходящему', exact: true }).waitFor();
  expect((await rules())[1]).toMatchObject({
    starts: 'exit',
    conditions: { all: [{ fact: 'exit_intent', op: 'is_true' }] },
    actions: [{ type: 'message', author: 'operator', text: 'Остались вопросы?' }],
  });

  await page.getByRole('button', { name: say(ru.field_drag, { title: 'Уходящему' }) }).focus();
  await page.keyboard.press('Alt+ArrowUp');
  await until('the new order', async () => (await rules())[0]?.title === 'Уходящему');
  await page.keyboard.press('Alt+ArrowDown');
  await until('the former order', async () => (await rules())[1]?.title === 'Уходящему');
});

test('the checker says which acts, and which condition stopped the other', async () => {
  const { page } = desk;
  await desk.goto(at());
  await page.getByRole('button', { name: ru.aa_why }).click();
  const panel = page.getByRole('region', { name: ru.aa_why });
  await panel.getByLabel(ru.aa_address).fill('shop.example/podvesy/luna-40');
  await panel.getByText(ru.aa_facts).click();
  await panel.getByLabel(ru.aa_fact_seconds_on_page).fill('12');
  await panel.getByLabel(ru.aa_fact_device).selectOption({ label: ru.menu_device_phone });
  await panel.getByRole('button', { name: ru.aa_ask, exact: true }).click();
  const acts = (title: string, what: string) => panel.getByText(say(ru.aa_acts, { title, what }));
  await acts('Помощь с подвесами', ru.aa_act_show_suggests.toLowerCase()).waitFor();
  await panel.getByText('/podvesy/luna-40', { exact: true }).waitFor();

  await panel.getByLabel(ru.aa_address).fill('https://shop.example/cart');
  await panel.getByLabel(ru.aa_fact_exit_intent).selectOption({ label: ru.aa_op_is_true });
  await panel.getByRole('button', { name: ru.aa_ask, exact: true }).click();
  await acts('Уходящему', ru.aa_act_message.toLowerCase()).waitFor();
  await panel.getByText(say(ru.aa_verdict_failed, { failed: '2', total: '3' })).waitFor();
  await panel.getByText('/cart', { exact: true }).waitFor();
  await panel.getByText('12', { exact: true }).waitFor();
  expect(await axeFindings(page)).toEqual([]);
});

test('the checker opens on the page itself, with what that page is like', async () => {
  const { page } = desk;
  const host = await HostPage.start(snippetOf(product.origin, product.made.site_key));
  await desk.goto(at());
  await page.getByRole('button', { name: ru.aa_why }).click();
  const panel = page.getByRole('region', { name: ru.aa_why });
  await panel.getByLabel(ru.aa_address).fill(`${host.url}podvesy/luna`);
  await panel.getByRole('button', { name: ru.aa_live }).click();
  const link = await panel.getByRole('link', { name: ru.aa_live_open }).getAttribute('href');

  const visitor = await newPerson(browser);
  people.push(visitor);
  await visitor.page.goto(link!);
  const inspector = visitor.page.getByRole('region', { name: 'Автодействия на этой странице' });
  const rule = (title: string) => inspector.getByRole('listitem').filter({ hasText: title });
  await rule('Помощь с подвесами')
    .getByText('page_path starts_with /podvesy · сейчас: /podvesy/luna')
    .waitFor();
  await rule('Уходящему').getByText('не срабатывает').waitFor();
  await visitor.page.evaluate(() => history.pushState(null, '', '/cart'));
  await rule('Помощь с подвесами').getByText('сейчас: /cart').waitFor();
  expect(await axeFindings(visitor.page)).toEqual([]);
  await visitor.page.goto(`${host.url}cart`);
  await rule('Уходящему').waitFor();
  await inspector.getByRole('button', { name: 'Закрыть проверку' }).click();
  await inspector.waitFor({ state: 'detached' });
  await visitor.page.goto(`${host.url}podvesy`);
  await new Widget(visitor.page).launcher.waitFor();
  expect(await inspector.count()).toBe(0);
  host.stop();
});

test('the checker asks a draft that is not saved', async () => {
  const { page } = desk;
  await desk.goto(at());
  await page.getByRole('button', { name: 'Помощь с подвесами', exact: true }).click();
  const value = page
    .getByRole('group', { name: ru.aa_condition, exact: true })
    .first()
    .getByLabel(ru.aa_value);
  await value.fill('/torshery');
  const panel = page.getByRole('region', { name: ru.aa_check_draft });
  await panel.getByLabel(ru.aa_address).fill('shop.example/torshery/1');
  await panel.getByText(ru.aa_facts).click();
  await panel.getByLabel(ru.aa_fact_seconds_on_page).fill('40');
  await panel.getByRole('button', { name: ru.aa_ask, exact: true }).click();
  await panel.getByText(ru.aa_verdict_acts, { exact: true }).waitFor();
  await value.fill(' ');
  await panel.getByRole('button', { name: ru.aa_ask, exact: true }).click();
  await panel.getByText(ru.aa_draft_wrong).waitFor();
  expect(await value.getAttribute('aria-invalid')).toBe('true');
  expect(JSON.stringify(await rules())).not.toContain('/torshery');
  await page.getByRole('button', { name: ru.cancel, exact: true }).click();
  await page.getByTestId('unsaved').getByRole('button', { name: ru.unsaved_discard }).click();
  await page.getByRole('button', { name: ru.aa_why }).waitFor();
});

test('a deleted suggest marks who showed it, and comes back to them; a switch and a deletion are undone', async () => {
  const { page } = desk;
  await desk.goto(at('?tab=suggests'));
  await page.getByText(say(ru.sug_used, { titles: '«Помощь с подвесами»' })).waitFor();
  await page.getByRole('button', { name: `${ru.more}: Подобрать по комнате` }).click();
  await page.getByRole('menuitem', { name: ru.delete }).click();
  await page.getByText(say(ru.sug_deleted, { label: 'Подобрать по комнате' })).waitFor();
  await page.getByRole('link', { name: ru.aa_tab_rules, exact: false }).last().click();
  await page.getByText(ru.aa_problem_suggest).waitFor();
  await page.getByRole('button', { name: ru.undo }).last().click();
  await until(
    'it to be shown again',
    async () => (await page.getByText(ru.aa_problem_suggest).count()) === 0,
  );

  await page.getByRole('switch', { name: `${ru.aa_enabled}: Уходящему` }).click();
  await until('it to be off', async () => (await rules())[1]?.enabled === false);
  await page.getByRole('button', { name: `${ru.more}: Уходящему` }).click();
  await page.getByRole('menuitem', { name: ru.delete }).click();
  await until('it to be gone', async () => (await rules()).length === 1);
  await page.getByText(say(ru.aa_deleted, { title: 'Уходящему' })).waitFor();
  await page.getByRole('button', { name: ru.undo }).last().click();
  await until('it to be back', async () => (await rules())[1]?.title === 'Уходящему');
});

test('numbers are of a period, and so are the visitors behind them', async () => {
  const { page } = desk;
  const [rule] = await rules();
  const noted = await fetch(`${product.origin}/w/v1/actions`, {
    method: 'POST',
    headers: {
      'Content-Type': 'application/json',
      'X-Otklik-Site': product.made.site_key,
      'X-Otklik-Visitor': '5'.repeat(32),
    },
    body: JSON.stringify({
      client_id: 'period',
      auto_action_id: rule?.id,
      kind: 'shown',
      start: rule?.starts,
      facts: {
        page_url: 'https://shop.example/podvesy/1',
        seconds_on_page: 40,
        pages_viewed: 3,
        exit_intent: true,
      },
    }),
  });
  expect(await noted.json()).toMatchObject({ done: true });

  const asked: URL[] = [];
  page.on('request', (request) => {
    const url = new URL(request.url());
    if (request.method() === 'GET' && /auto-actions(\/[^/]+\/visitors)?$/.test(url.pathname)) asked.push(url);
  });
  const days = (url?: URL) => (Date.now() - Date.parse(url?.searchParams.get('from') ?? '')) / 86_400_000;
  await desk.goto(at());
  const shown = () =>
    page.getByRole('button', { name: `${say(ru.aa_people_of, { what: ru.aa_shown, count: '1' })}: ` });
  await shown().waitFor();
  expect(Math.floor(days(asked.at(-1)))).toBe(6);
  const period = page.getByLabel(ru.rep_period);
  expect(await period.locator('option:checked').textContent()).toBe(ru.aa_period_week);

  await period.selectOption({ label: ru.aa_period_month });
  await until('the numbers of a month', () => Math.floor(days(asked.at(-1))) === 29);
  await shown().click();
  const drawer = page.getByRole('dialog');
  await drawer.getByText(ru.aa_visitor_unknown).waitFor();
  const behind = asked.at(-1);
  expect(behind?.pathname).toContain('/visitors');
  expect(Math.floor(days(behind))).toBe(29);
  await page.keyboard.press('Escape');

  await period.selectOption({ label: ru.aa_period_all });
  await until('all numbers', () => asked.at(-1)?.searchParams.has('from') === false);
});

/** The whole list in a picture. */
async function tallShot(page: Page, name: string, look: Look) {
  await page.setViewportSize({ width: look.width, height: 1500 });
  await shot(page, `${name}-${lookName(look)}`);
  await page.setViewportSize({ width: look.width, height: 844 });
}

describe.each(LOOKS)('axe has nothing serious to say: $locale, dark $dark, $width', (options) => {
  const words = options.locale === 'ru' ? ru : en;

  test('of the lists, the form and the checker', async () => {
    const locale = options.locale === 'ru' ? 'ru-RU' : 'en-GB';
    const person = await newPerson(browser, { ...options, height: 844, locale });
    people.push(person);
    const { page } = person;
    const own = new Desk(page, product.origin);
    await own.signIn();
    await own.changeMe({ locale: options.locale });
    const looksWell = async (name: string) => {
      expect(await axeFindings(page), name).toEqual([]);
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
      expect(overflow, `${name} is wider than the window`).toBe(false);
      await tallShot(page, name, options);
    };

    await own.goto(at());
    await page.getByRole('button', { name: words.aa_why }).click();
    await page
      .getByRole('region', { name: words.aa_why })
      .getByLabel(words.aa_address)
      .fill('shop.example/podvesy');
    await page.getByRole('button', { name: words.aa_ask, exact: true }).click();
    await page.getByText(words.aa_acts_none).waitFor();
    await looksWell('list');
    await page.getByRole('button', { name: 'Помощь с подвесами', exact: true }).click();
    await page.getByLabel(words.aa_title).waitFor();
    await looksWell('form');
    await own.goto(at('?tab=suggests'));
    const suggest = options.locale === 'ru' ? 'Подобрать по комнате' : 'Choose by room';
    await page.getByRole('button', { name: suggest, exact: true }).click();
    await page.getByLabel(words.menu_label_ru).waitFor();
    await looksWell('suggests');
    await person.context.close();
  });
});
