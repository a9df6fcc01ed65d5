import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { withConfig } from './support/appearance';
import { axeFindings } from './support/axe';
import { type Watched, launchBrowser, newPerson } from './support/browser';
import { HostPage, snippetOf } from './support/host-page';
import { Product } from './support/product';
import { shot } from './support/shot';
import { until } from './support/wait';
import { Widget } from './support/widget';

interface Rating {
  conversation_id: string;
  score: number;
  comment: string;
}

let product: Product;
let host: HostPage;
let browser: Browser;
let visitor: Watched;
let widget: Widget;

beforeAll(async () => {
  [product, browser] = await Promise.all([Product.start(), launchBrowser()]);
  host = await HostPage.start(snippetOf(product.origin, product.made.site_key));
});

afterAll(async () => {
  await browser?.close();
  host?.stop();
  await product?.stop();
});

beforeEach(async () => {
  visitor = await newPerson(browser);
  widget = new Widget(visitor.page);
  await withConfig(visitor.page, { rating: true });
  await visitor.page.goto(host.url);
});

afterEach(async () => {
  expect(visitor.faults).toEqual([]);
  await visitor.context.close();
});

const ratings = async () => (await product.api.project<{ items: Rating[] }>('GET', '/ratings')).items;
const star = (score: number) => widget.page.getByRole('radio', { name: `${score} из 5` });

/** Somebody writes, is answered, and his conversation is closed. */
async function closed(text: string): Promise<string> {
  await widget.open();
  await widget.say(text);
  const conversation = await product.api.conversationWith(text);
  await product.api.send(conversation.id, 'Отвечаю');
  await widget.bubble('Отвечаю').waitFor();
  await product.api.project('POST', `/conversations/${conversation.id}/close`, {});
  return conversation.id;
}

test('a closed conversation is rated with keys alone, and the operator reads it in the thread', async () => {
  const id = await closed('Где мой заказ?');
  await star(1).waitFor();
  await shot(widget.page, 'rating');
  expect(await axeFindings(widget.page)).toEqual([]);
  await star(3).focus();
  await widget.page.keyboard.press('ArrowRight');
  await widget.page.keyboard.press('Tab');
  await widget.page.keyboard.type('Быстрее бы');
  await widget.page.getByRole('button', { name: 'Отправить' }).last().press('Enter');
  await widget.page.getByText('Спасибо за оценку').waitFor();
  const rating = await until('the rating', async () =>
    (await ratings()).find((one) => one.conversation_id === id),
  );
  expect([rating.score, rating.comment]).toEqual([4, 'Быстрее бы']);
  await widget.field.waitFor();
});

test('whoever would rather not is asked no more, and the page may ask again', async () => {
  const id = await closed('Не беспокойте');
  await widget.page.getByRole('button', { name: 'Не сейчас' }).click();
  await widget.field.waitFor();
  expect(await star(1).count()).toBe(0);
  const told: unknown[] = [];
  await widget.page.exposeFunction('told', (data: unknown) => told.push(data));
  await widget.page.evaluate(() => {
    const page = window as unknown as { Chat: (...call: unknown[]) => void; told: (data: unknown) => void };
    page.Chat('on', 'sendRate', (data: unknown) => page.told(data));
    page.Chat('openReviewsTab');
  });
  await star(5).check({ force: true });
  await widget.page.getByRole('button', { name: 'Отправить' }).last().click();
  await until('the page is told', async () => told.length === 1);
  expect(told[0]).toEqual({ score: 5, comment: '' });
  expect((await ratings()).find((one) => one.conversation_id === id)?.score).toBe(5);
});
