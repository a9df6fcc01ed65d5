import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { AutoActions, message, show } from './support/auto-actions';
import { axeFindings } from './support/axe';
import { type Watched, launchBrowser, newPerson } from './support/browser';
import { HostPage, policyFor, snippetOf } from './support/host-page';
import { LOOKS } from './support/looks';
import { Product } from './support/product';
import { lookName, shot } from './support/shot';
import { until } from './support/wait';
import { Widget } from './support/widget';

let product: Product;
let host: HostPage;
let browser: Browser;
let owner: AutoActions;
let suggests: string[];
const people: Watched[] = [];

beforeAll(async () => {
  [product, browser] = await Promise.all([Product.start(), launchBrowser()]);
  host = await HostPage.start(snippetOf(product.origin, product.made.site_key), policyFor(product.origin));
  owner = new AutoActions(product);
  const scenario_id = await owner.scenario('Какую лампу ищете?');
  const text = { kind: 'text', text: { ru: 'Сколько стоит доставка?' } };
  const link = { kind: 'link', url: 'https://shop.example/', new_tab: true };
  suggests = [
    await owner.suggest('Подобрать светильник', { kind: 'scenario', scenario_id }, 'Find a lamp'),
    await owner.suggest('Сколько стоит доставка?', text, 'How much is delivery?'),
    await owner.suggest('Каталог', link, 'Catalogue'),
  ];
});

afterEach(async () => {
  const left = people.splice(0);
  for (const { context } of left) await context.close();
  expect(left.flatMap(({ faults }) => faults)).toEqual([]);
});

afterAll(async () => {
  await browser?.close();
  await product?.stop();
  host?.stop();
});

async function visitor(options = {}, prepare?: (page: Page) => Promise<unknown>): Promise<Widget> {
  const person = await newPerson(browser, options);
  people.push(person);
  await prepare?.(person.page);
  await person.page.goto(host.url);
  const widget = new Widget(person.page);
  await widget.launcher.waitFor();
  return widget;
}

const teaser = (widget: Widget) => widget.part('.teaser .tell');

/** The appearance of the site, in part. */
async function look(change: object) {
  const project = `/projects/${product.made.project_id}`;
  const { appearance } = await product.api.call<{ appearance: object }>('GET', project);
  await product.api.call('PATCH', project, { appearance: { ...appearance, ...change } });
}

describe.each(LOOKS)(
  'axe has nothing serious to say: $locale, dark $dark, $width',
  ({ locale, dark, width }) => {
    test('of suggests and a message, closed and open', async () => {
      const text =
        locale === 'ru' ? 'Здравствуйте. Помочь выбрать лампу?' : 'Hello. May we help you choose a lamp?';
      await owner.have({ actions: [message(text), show(...suggests)] });
      const options = { dark, width, height: 844, locale: locale === 'ru' ? 'ru-RU' : 'en-GB' };
      const widget = await visitor(options, (page) =>
        page.addInitScript((language) => Object.assign(window, { ChatSetup: { language } }), locale),
      );
      await teaser(widget).waitFor();
      const name = `${lookName({ locale, dark, width })}`;
      expect(await axeFindings(widget.page)).toEqual([]);
      await shot(widget.page, `closed-${name}`);
      const overflow = await widget.page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
      expect(overflow).toBe(false);
      const box = (await widget.part('.hints').boundingBox())!;
      expect([box.x >= 0, box.x + box.width <= width]).toEqual([true, true]);
      await widget.open();
      await widget.part('.shelf .ask').first().waitFor();
      expect(await axeFindings(widget.page)).toEqual([]);
      await shot(widget.page, `open-${name}`);
    });
  },
);

test('on a site whose chat stands to the left, above its menu buttons', async () => {
  await look({ side: 'left', menu: 'always' });
  const target = { kind: 'phone', phone: '8 800 555-01-20' };
  await product.api.project('POST', '/menu-buttons', { label: { ru: 'Позвонить' }, target });
  await product.api.project('POST', '/appearance/publish', {});
  await owner.have({ actions: [message('Помочь с выбором?'), show(...suggests)] });
  for (const width of [1280, 390]) {
    const widget = await visitor({ width, height: 844 });
    await teaser(widget).waitFor();
    const pill = widget.part('.pill').filter({ hasText: 'Позвонить' });
    await pill.waitFor();
    await until('suggests to stand above the menu', async () => {
      const asks = (await widget.part('.asks').boundingBox())!;
      const menu = (await pill.boundingBox())!;
      const launcher = (await widget.launcher.boundingBox())!;
      return asks.x < 40 && launcher.x < 40 && asks.y + asks.height - 12 <= menu.y;
    });
    await shot(widget.page, `left-${width}`);
  }
  await look({ side: 'right', menu: 'opened' });
});

test('what has the focus of the page is not covered, and forced colours have edges', async () => {
  await owner.have({ starts: 'event', actions: [message('Помочь?'), show(...suggests)] });
  const widget = await visitor({}, (page) => page.emulateMedia({ forcedColors: 'active' }));
  const { page } = widget;
  await page.evaluate(() => {
    const field = document.body.appendChild(document.createElement('input'));
    Object.assign(field.style, { position: 'fixed', right: '60px', bottom: '120px' });
    field.focus();
    document.body.appendChild(document.createElement('button')).textContent = 'Дальше';
  });
  await until('the rules to be at work', async () => {
    await widget.call('Chat', 'event', 'help');
    return (await widget.part('.ask').count()) > 0;
  });
  const visibility = () => widget.part('.hints').evaluate((node) => getComputedStyle(node).visibility);
  expect(await visibility()).toBe('hidden');
  await page.getByRole('button', { name: 'Дальше' }).focus();
  expect(await visibility()).toBe('visible');
  const edge = widget.part('.ask').first();
  expect(await edge.evaluate((node) => getComputedStyle(node).borderTopStyle)).toBe('solid');
  await shot(page, 'forced');
});

test('a form comes by itself with the titles of its fields, takes no focus, and tells what it was given', async () => {
  await owner.have({ actions: [{ type: 'show_form', fields: ['name', 'phone'] }] });
  const widget = await visitor();
  const field = (label: string) => widget.part('.call').getByLabel(label);
  await field('Телефон').waitFor();
  expect(await widget.page.evaluate(() => document.activeElement?.tagName)).toBe('BODY');
  expect(await axeFindings(widget.page)).toEqual([]);
  await field('Имя').fill('Нина');
  await field('Телефон').fill('+7 495 123-45-67');
  await shot(widget.page, 'form');
  await field('Телефон').press('Enter');
  const conversation = await product.api.conversationWith('Оставьте контакты: Нина, +7 495 123-45-67');
  const contact = await product.api.contact(conversation.contact.id);
  expect([contact.name, contact.fields.phone?.[0]?.value]).toEqual(['Нина', '+7 495 123-45-67']);
});
