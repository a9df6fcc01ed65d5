import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import en from '../apps/desk/messages/en.json' with { type: 'json' };
import { axeFindings } from './support/axe';
import { launchBrowser, newPerson } from './support/browser';
import { Desk, ru } from './support/desk';
import { LOOKS } from './support/looks';
import { Product } from './support/product';
import { lookName, shot } from './support/shot';
import { Visitors } from './support/visitors';
import { until } from './support/wait';
import type { Widget } from './support/widget';

let product: Product;
let browser: Browser;
let visitors: Visitors;
let desk: Desk;
let rounds = 0;

beforeAll(async () => {
  [product, browser] = await Promise.all([Product.start(), launchBrowser()]);
  visitors = await Visitors.start(product, browser);
  const owner = await newPerson(browser);
  desk = new Desk(owner.page, product.origin);
  await desk.signIn();
});

afterAll(async () => {
  await browser?.close();
  await product?.stop();
  visitors?.host.stop();
});

afterEach(async () => {
  expect(await visitors.leaveAll()).toEqual([]);
});

const list = (widget: Widget) => widget.part('.toList');
const talk = (widget: Widget, text: string) => widget.part('.talk').filter({ hasText: text });

async function set(values: object) {
  await product.api.call('PATCH', `/projects/${product.made.project_id}`, values);
}

/** Two conversations, the second of them open. */
async function twoOf(locale = 'ru', options = {}) {
  const widget = await visitors.come('', options);
  await widget.call('Chat', 'setLocale', locale);
  const [first, second] = [`Где заказ ${++rounds}?`, `Есть ли чашки ${rounds}?`];
  await widget.open();
  await widget.say(first);
  const one = await product.api.conversationWith(first);
  await list(widget).click();
  await widget
    .part('.begin')
    .filter({ hasText: locale === 'ru' ? 'Новый разговор' : 'New conversation' })
    .click();
  await widget.bubble(first).waitFor({ state: 'detached' });
  await widget.say(second);
  const two = await product.api.conversationWith(second);
  return { widget, first, second, ids: [one.id, two.id] as const };
}

describe('a site with several conversations', () => {
  test('is switched on in the desk, and the panel has its list after the next load', async () => {
    await desk.settings(product.made.project_id, 'overview');
    const widget = await visitors.come();
    await widget.open();
    await widget.field.waitFor();
    expect(await list(widget).count()).toBe(0);
    await desk.page.getByRole('switch', { name: ru.visitors_several }).click();
    await until('it is on', async () => {
      const path = `/projects/${product.made.project_id}`;
      return (await product.api.call<{ several_conversations: boolean }>('GET', path)).several_conversations;
    });
    const other = await visitors.come();
    await other.open();
    await list(other).click();
    await other.part('.talks p').filter({ hasText: 'Здесь будут ваши разговоры' }).waitFor();
  });

  test('lets a visitor begin another and go back, and the operators see one open', async () => {
    const { widget, first, second, ids } = await twoOf();
    expect(await widget.texts()).toEqual([second]);
    const [one, two] = ids;
    expect(one).not.toBe(two);
    await desk.open(one);
    await desk.page.getByText(ru.event_left).waitFor();

    await list(widget).click();
    await talk(widget, first).click();
    await widget.bubble(first).waitFor();
    expect(await widget.texts()).toEqual([first]);
    await widget.part('.banner').filter({ hasText: 'Этот разговор завершён' }).waitFor();
    await widget.say('Нашёлся!');
    await desk.bubble('Нашёлся!').waitFor();
    await desk.page.getByText(ru.event_reopened).waitFor();
    await widget.part('.banner').filter({ hasText: 'Этот разговор завершён' }).waitFor({ state: 'hidden' });

    // An answer in the one that goes on is seen from the other.
    await list(widget).click();
    await talk(widget, second).click();
    await widget.bubble(second).waitFor();
    await desk.say('Отлично');
    await widget.part('.toList.waits').waitFor();
    expect(await widget.bubble('Отлично').count()).toBe(0);
    await list(widget).click();
    await talk(widget, 'Отлично').click();
    await widget.bubble('Отлично').waitFor();
    expect(await widget.texts()).toEqual([first, 'Нашёлся!', 'Отлично']);
    await widget.part('.toList.waits').waitFor({ state: 'detached' });

    // And after another load the one that goes on is there.
    await widget.page.reload();
    await widget.open();
    await widget.bubble('Отлично').waitFor();
    expect(await widget.texts()).toEqual([first, 'Нашёлся!', 'Отлично']);
  });

  test('keeps a first message that was written without a line for the new conversation', async () => {
    const { widget, ids } = await twoOf();
    await list(widget).click();
    await widget.part('.begin').click();
    await widget.page.context().setOffline(true);
    await widget.say('Ещё вопрос без связи');
    await widget.say('И второй');
    await widget.page.context().setOffline(false);
    const third = await product.api.conversationWith('И второй');
    expect((await product.api.conversationWith('Ещё вопрос без связи')).id).toBe(third.id);
    expect(ids).not.toContain(third.id);
  });

  test('is used by keys: the list takes the focus, Escape gives it back', async () => {
    const { widget, first } = await twoOf();
    await list(widget).focus();
    await widget.page.keyboard.press('Enter');
    await talk(widget, first).waitFor();
    const focused = () =>
      widget.page.evaluate(() => document.querySelector('otklik-chat')!.shadowRoot!.activeElement?.className);
    await until('the first is focused', async () => (await focused()) === 'talk');
    await widget.page.keyboard.press('Escape');
    expect(await focused()).toContain('toList');
    await widget.field.waitFor();
    expect(await widget.field.isVisible()).toBe(true);
  });

  test('says when the list cannot be had, and tries again', async () => {
    const { widget, first } = await twoOf();
    await widget.page.route('**/w/v1/conversations*', (route) => route.abort());
    await list(widget).click();
    await widget.part('.talks p').filter({ hasText: 'Не удалось' }).waitFor();
    await widget.page.unroute('**/w/v1/conversations*');
    await widget.part('.talks .link').click();
    await talk(widget, first).waitFor();
    visitors.people.forEach(({ faults }) => faults.splice(0));
  });
});

describe('when the team answers', () => {
  test('is written in the desk and read in the head of the panel', async () => {
    await desk.settings(product.made.project_id, 'overview');
    const card = desk.page.locator('.card').filter({ hasText: ru.reply_title });
    await card.getByRole('button', { name: ru.reply_add_hours }).click();
    await card.locator('input[type=time]').first().fill('10:00');
    for (const day of ['вт', 'ср', 'чт', 'пт']) await card.getByLabel(day, { exact: true }).uncheck();
    await card.getByLabel(ru.reply_promise).selectOption({ label: '5 минут' });
    await card.getByRole('button', { name: ru.save }).click();
    await until('it is kept', async () => {
      const path = `/projects/${product.made.project_id}`;
      const project = await product.api.call<{ working_hours: object[]; reply_minutes: number }>('GET', path);
      return project.working_hours.length === 1 && project.reply_minutes === 5;
    });
    const widget = await visitors.come();
    await widget.open();
    await widget.part('.who p').filter({ hasText: 'обычно отвечает за 5 минут' }).waitFor();

    // Whoever takes the last hour away has said nothing of the return.
    await set({ reply_minutes: null });
    await desk.page.reload();
    await card.getByRole('button', { name: ru.reply_remove_hours }).click();
    await card.getByRole('button', { name: ru.save }).click();
    await card.getByText(ru.reply_no_hours).waitFor();
  });

  test('is refused with words where it is wrong', async () => {
    await desk.settings(product.made.project_id, 'overview');
    const card = desk.page.locator('.card').filter({ hasText: ru.reply_title });
    await card.getByText(ru.reply_no_hours).waitFor();
    await card.getByRole('button', { name: ru.reply_add_hours }).click();
    for (const day of ['пн', 'вт', 'ср', 'чт', 'пт']) await card.getByLabel(day, { exact: true }).uncheck();
    await card.getByRole('button', { name: ru.save }).click();
    await card.getByText(ru.menu_days_none).waitFor();
    await card.getByRole('button', { name: ru.reply_remove_hours }).click();
  });
});

describe.each(LOOKS)(
  'axe has nothing serious to say: $locale, dark $dark, $width',
  ({ locale, dark, width }) => {
    const name = (what: string) => `${what}-${lookName({ locale, dark, width })}`;

    test('the list of conversations, and an ended one', async () => {
      await set({ several_conversations: true });
      const { widget, first } = await twoOf(locale, { width, height: 844, dark });
      await list(widget).click();
      await talk(widget, first).waitFor();
      await shot(widget.page, name('talks'));
      expect(await axeFindings(widget.page)).toEqual([]);
      await talk(widget, first).click();
      await widget.bubble(first).waitFor();
      await shot(widget.page, name('ended'));
      expect(await axeFindings(widget.page)).toEqual([]);
    });

    test('the hours in the desk', async () => {
      const words = locale === 'ru' ? ru : en;
      const hours = [{ days: ['mon', 'tue', 'wed'], from: '09:00', to: '18:00' }];
      await set({ working_hours: hours, reply_minutes: 90 });
      const person = await newPerson(browser, { width, height: 900, dark });
      const page = new Desk(person.page, product.origin);
      await page.signIn();
      await page.changeMe({ locale });
      await page.settings(product.made.project_id, 'overview');
      const card = person.page.locator('.card').filter({ hasText: words.reply_title });
      await card.scrollIntoViewIfNeeded();
      await card.locator('input[type=time]').first().waitFor();
      await shot(person.page, name('hours'));
      expect(await axeFindings(person.page)).toEqual([]);
      await page.changeMe({ locale: 'ru' });
      await person.context.close();
    });
  },
);
