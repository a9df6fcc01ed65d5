import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import en from '../apps/desk/messages/en.json' with { type: 'json' };
import { axeFindings } from './support/axe';
import { type Watched, launchBrowser, newPerson } from './support/browser';
import { Desk, ru } from './support/desk';
import { HostPage, policyFor, snippetOf } from './support/host-page';
import { LOOKS } from './support/looks';
import { phoneFlow } from './support/phone-flow';
import { Product } from './support/product';
import { picture } from './support/samples';
import { lookName, shot } from './support/shot';
import { publish, SiteLook } from './support/site-look';
import { until } from './support/wait';
import { Widget } from './support/widget';

let product: Product;
let host: HostPage;
let browser: Browser;
let desk: Desk;
const people: Watched[] = [];

interface Made {
  id: string;
  label: { ru: string; en: string | null };
  colour: string | null;
  image: { set: string | null; file_id: string | null } | null;
  hours: { days: string[]; from: string; to: string } | null;
  devices: string[];
  target: Record<string, unknown>;
  problem: string | null;
  change: string | null;
}

const menuPage = () => `/projects/${product.made.project_id}/settings/menu-buttons`;
const buttons = async () => (await product.api.project<{ items: Made[] }>('GET', '/menu-buttons')).items;
const add = (ruLabel: string, target: object, more: object = {}) =>
  product.api.project<Made>('POST', '/menu-buttons', { label: { ru: ruLabel }, target, ...more });

beforeAll(async () => {
  [product, browser] = await Promise.all([Product.start(), launchBrowser()]);
  host = await HostPage.start(snippetOf(product.origin, product.made.site_key), policyFor(product.origin));
  await product.api.addPhoneRule();
  await product.api.project('POST', '/contacts', {
    channel: 'api',
    external_id: 'crm-7',
    fields: { phone: '+7 912 345-67-89' },
  });
  const body = { name: 'Сбор телефона', document: phoneFlow() };
  const { id } = await product.api.project<{ id: string }>('POST', '/scenarios', body);
  await product.api.project('POST', `/scenarios/${id}/publish`, { revision: 1 });
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

async function visitor(options = {}): Promise<Widget> {
  const person = await newPerson(browser, options);
  people.push(person);
  const widget = new Widget(person.page);
  await person.page.goto(host.url);
  return widget;
}

const look = () => new SiteLook(desk.page, product);
const pill = (widget: Widget, label: string) => widget.part('.pill').filter({ hasText: label });

test('an owner adds a menu button that starts a scenario, with its picture and colour', async () => {
  const { page } = desk;
  await desk.goto(menuPage());
  await page.getByText(ru.menu_none, { exact: true }).waitFor();
  await page.getByRole('button', { name: ru.menu_add }).click();
  await page.getByLabel(ru.menu_scenario).selectOption({ label: 'Сбор телефона' });
  await page.getByLabel(ru.menu_label_ru).fill('Перезвоните мне');
  await page.getByLabel(ru.menu_label_en).fill('Call me');
  await page.getByRole('radio', { name: ru.menu_picture_calendar }).check({ force: true });
  await page.getByLabel(ru.menu_colour).selectOption({ label: ru.menu_colour_own });
  await page.getByRole('textbox', { name: ru.menu_colour }).fill('#966224');
  expect(await axeFindings(page)).toEqual([]);
  await page.getByRole('button', { name: ru.menu_add_this, exact: true }).click();
  await page.getByRole('button', { name: 'Перезвоните мне', exact: true }).waitFor();
  expect(await buttons()).toMatchObject([
    {
      label: { ru: 'Перезвоните мне', en: 'Call me' },
      colour: '#966224',
      image: { set: 'calendar' },
      target: { kind: 'scenario' },
      problem: null,
      change: 'new',
    },
  ]);
  await look().publish();
  expect((await buttons())[0]?.change).toBeNull();
});

test('the time zone that hours follow is chosen on the page of the project', async () => {
  await desk.goto(`/projects/${product.made.project_id}/settings/overview`);
  const zone = desk.page.getByRole('combobox', { name: ru.scn_time_zone });
  await zone.selectOption('Asia/Yekaterinburg');
  await until('the server has it', async () => {
    const project = await product.api.project<{ time_zone: string }>('GET', '');
    return project.time_zone === 'Asia/Yekaterinburg';
  });
  await desk.page.reload();
  expect(await zone.inputValue()).toBe('Asia/Yekaterinburg');
  expect(await axeFindings(desk.page)).toEqual([]);
  await zone.selectOption('Europe/Moscow');
});

test('a visitor presses it, answers, and is joined with the client who has that phone', async () => {
  const widget = await visitor();
  await widget.open();
  const button = pill(widget, 'Перезвоните мне');
  await button.waitFor();
  expect(await button.locator('.disc').evaluate((node) => getComputedStyle(node).backgroundColor)).toBe(
    'rgb(150, 98, 36)',
  );
  await button.click();
  await widget.bubble('Ваш телефон?').waitFor();
  await widget.say('8 (912) 345-67-89');
  await widget.bubble('Когда позвонить?').waitFor();
  const [conversation] = await product.api.conversations();
  expect(conversation?.contact.multi_contact_size).toBe(2);
  const contact = await product.api.contact(conversation!.contact.id);
  expect(contact.fields.phone?.[0]?.value).toBe('+79123456789');

  await button.click();
  await until('nothing to be said twice', async () => (await widget.part('.status.notSent').count()) === 0);
  expect((await widget.texts()).filter((text) => text === 'Ваш телефон?').length).toBeLessThanOrEqual(2);
  await desk.open(conversation!.id);
  await desk.page.getByText(ru.event_menu_pressed.replace('{label}', 'Перезвоните мне')).first().waitFor();
});

test('the other kinds do what they say, and those of other hours and devices are not there', async () => {
  const everyDay = { days: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] };
  const [hour] = new Intl.DateTimeFormat('en-GB', {
    hour: '2-digit',
    hourCycle: 'h23',
    timeZone: 'Europe/Moscow',
  }).format(new Date());
  const isEvening = Number(hour) >= 1;
  const notNow = isEvening ? { from: '03:00', to: '03:01' } : { from: '12:00', to: '13:00' };
  await add('Каталог', { kind: 'link', url: 'https://shop.example/lamps', new_tab: true });
  await add('Позвонить', { kind: 'phone', phone: '8 800 555-01-20' });
  await add('Заявка', { kind: 'callback', fields: ['name', 'phone'] });
  await add('Размеры', { kind: 'event', name: 'sizes' });
  await add('С телефона', { kind: 'chat' }, { devices: ['phone'] });
  await add('Ночью', { kind: 'chat' }, { hours: { ...everyDay, ...notNow } });
  await publish(product);

  const widget = await visitor();
  await widget.page.evaluate(() => {
    const page = window as unknown as { Chat: (...call: unknown[]) => void; told: unknown };
    page.Chat('on', 'menu', (data: unknown) => (page.told = data));
  });
  await widget.open();
  await pill(widget, 'Каталог').waitFor();
  expect(await pill(widget, 'С телефона').count()).toBe(0);
  expect(await pill(widget, 'Ночью').count()).toBe(0);
  expect(await pill(widget, 'Позвонить').getAttribute('href')).toBe('tel:88005550120');
  await pill(widget, 'Размеры').click();
  expect(await widget.page.evaluate(() => (window as unknown as { told: object }).told)).toMatchObject({
    name: 'sizes',
  });

  await pill(widget, 'Заявка').click();
  await widget.part('.call input').first().fill('Нина');
  await widget.part('.call input').nth(1).fill('+7 495 123-45-67');
  await widget.part('.call input').nth(1).press('Enter');
  const said = 'Заявка: Нина, +7 495 123-45-67';
  await widget.bubble(said).waitFor();
  const conversation = await product.api.conversationWith(said);
  const contact = await product.api.contact(conversation.contact.id);
  expect(contact.fields.phone?.[0]?.value).toBe('+7 495 123-45-67');
  expect(contact.name).toBe('Нина');
});

test('the desk says which are not on the site and why, moves, hides, and gives a deleted one back', async () => {
  const { page } = desk;
  await desk.goto(menuPage());
  await page.getByText('Здесь нет пункта «Ночью»: сейчас не его часы').waitFor();
  await page.getByText('Здесь нет пункта «С телефона»: он включён только для телефона').waitFor();
  await page.getByText(ru.menu_full).first().waitFor();
  expect(
    await product.api.raw('POST', `/projects/${product.made.project_id}/menu-buttons`, {
      label: { ru: 'Восьмая' },
      target: { kind: 'chat' },
    }),
  ).toMatchObject({ status: 409 });

  const grip = page.getByRole('button', { name: ru.field_drag.replace('{title}', 'Каталог') });
  await grip.focus();
  await page.keyboard.press('Alt+ArrowUp');
  await until('the new order', async () => (await buttons())[0]?.label.ru === 'Каталог');
  await page.getByRole('button', { name: `${ru.more}: Каталог` }).click();
  await page.getByRole('menuitem', { name: ru.menu_hide }).click();
  await page.getByText(ru.menu_why_off.replace('{label}', 'Каталог')).waitFor();

  const change = async () => (await buttons()).find(({ label }) => label.ru === 'Размеры')?.change;
  await page.getByRole('button', { name: `${ru.more}: Размеры` }).click();
  await page.getByRole('menuitem', { name: ru.delete }).click();
  await page.getByText(ru.menu_deleted.replace('{label}', 'Размеры')).waitFor();
  expect(await change()).toBe('removed');
  await page.getByRole('button', { name: ru.undo, exact: true }).last().click();
  await until('it to be back', async () => (await change()) !== 'removed');
  await look().publish();
});

test('a new scenario is made on the spot, an own picture is uploaded, and unsaved edits ask', async () => {
  const { page } = desk;
  const last = (await buttons()).at(-1)!;
  await product.api.project('DELETE', `/menu-buttons/${last.id}`);
  await desk.goto(menuPage());
  await page.getByRole('button', { name: ru.menu_add }).first().click();
  await page.getByLabel(ru.menu_scenario).selectOption({ label: ru.menu_scenario_new });
  await page.getByLabel(ru.scn_name).fill('Подбор лампы');
  await page.getByRole('button', { name: ru.scn_create, exact: true }).click();
  await page.getByText(ru.menu_scenario_made.replace('{name}', 'Подбор лампы')).waitFor();
  await page.getByLabel(ru.menu_label_ru).fill('Подобрать лампу');
  await page.locator('input[type=file]').setInputFiles({
    name: 'lamp.png',
    mimeType: 'image/png',
    buffer: Buffer.from(picture()),
  });
  await page.getByText(ru.menu_picture_own).waitFor();

  await page.getByRole('link', { name: ru.set_fields }).first().click();
  await page.getByRole('alertdialog').or(page.getByRole('dialog')).first().waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: ru.menu_add_this, exact: true }).click();
  await page.getByText(ru.menu_problem_scenario_unpublished).first().waitFor();
  const made = await until('the button is saved', async () =>
    (await buttons()).find((one) => one.label.ru === 'Подобрать лампу'),
  );
  expect(made.problem).toBe('scenario_unpublished');
  expect(made.image?.file_id).toBeTruthy();
});

test('shown before opening where the appearance says so, without taking the focus', async () => {
  const { page } = desk;
  await desk.goto(`/projects/${product.made.project_id}/settings/appearance`);
  await page.getByRole('switch', { name: ru.look_menu_always }).click();
  await look().publish();
  const widget = await visitor();
  await pill(widget, 'Позвонить').waitFor();
  expect(await widget.page.evaluate(() => document.activeElement?.tagName)).toBe('BODY');
  expect(await widget.part('.panel').count()).toBe(0);
  await pill(widget, 'Перезвоните мне').click();
  await widget.bubble('Ваш телефон?').waitFor();
});

describe.each(LOOKS)('axe has nothing serious to say: $locale, dark $dark, $width', (options) => {
  const words = options.locale === 'ru' ? ru : en;
  const look = { ...options, height: 844, locale: options.locale === 'ru' ? 'ru-RU' : 'en-GB' };

  test('of the page with its form', async () => {
    const person = await newPerson(browser, look);
    people.push(person);
    const own = new Desk(person.page, product.origin);
    await own.signIn();
    await own.changeMe({ locale: options.locale });
    await own.goto(menuPage());
    await person.page
      .getByRole('button', { name: 'Ночью', exact: true })
      .or(person.page.getByRole('button', { name: 'Заявка', exact: true }))
      .first()
      .click();
    await person.page.getByLabel(words.menu_label_ru).waitFor();
    expect(await axeFindings(person.page)).toEqual([]);
    const overflow = await person.page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
    expect(overflow).toBe(false);
    await person.page.setViewportSize({ width: options.width, height: 1500 });
    await shot(person.page, `desk-${lookName(options)}`);
    await person.context.close();
  });

  test('of the widget, before and after opening, and of its form', async () => {
    const widget = await visitor(look);
    await widget.call('Chat', 'setLocale', options.locale);
    await pill(widget, 'Позвонить').waitFor();
    expect(await axeFindings(widget.page)).toEqual([]);
    await shot(widget.page, `widget-closed-${lookName(options)}`);
    await widget.open();
    await pill(widget, 'Заявка').click();
    await widget.part('.call').waitFor();
    expect(await axeFindings(widget.page)).toEqual([]);
    await shot(widget.page, `widget-form-${lookName(options)}`);
    await widget.page.context().close();
  });
});
