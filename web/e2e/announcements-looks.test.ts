import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import en from '../apps/desk/messages/en.json' with { type: 'json' };
import { axeFindings } from './support/axe';
import { type Watched, launchBrowser, newPerson } from './support/browser';
import { Desk, ru } from './support/desk';
import { LOOKS } from './support/looks';
import { Product } from './support/product';
import { lookName, shot } from './support/shot';
import { until } from './support/wait';

const HOUR_MS = 3_600_000;
const ago = (hours: number) => new Date(Date.now() - hours * HOUR_MS).toISOString();

let product: Product;
let browser: Browser;

/** Work that goes on, an incident that is over, one on its way, a draft, and news with every kind of text. */
beforeAll(async () => {
  [product, browser] = await Promise.all([Product.start(), launchBrowser()]);
  const announce = (body: Record<string, unknown>) =>
    product.api.call<{ id: string }>('POST', '/announcements', body);
  await announce({
    kind: 'news',
    title_ru: 'Склад переехал, а с ним и выдача заказов с очень длинным названием улицы',
    title_en: 'The warehouse has moved, and so has the place where orders are handed out',
    text_ru: '## Куда\n\nНа **Заводскую, 14**:\n\n1. вход со двора\n2. звонок `14`\n\n> Парковка есть.',
    text_en:
      '## Where\n\nTo **14 Mill Lane**:\n\n1. enter from the yard\n2. ring `14`\n\n> There is parking.',
    link: 'https://fern.example/warehouse',
  });
  const over = await announce({ kind: 'incident', title_ru: 'Сбой почты', title_en: 'Mail outage' });
  await product.api.call('POST', `/announcements/${over.id}/end`, {});
  await announce({ kind: 'news', title_ru: 'Черновик', title_en: 'A draft', draft: true });
  await announce({
    kind: 'maintenance',
    title_ru: 'Плановые работы на сети',
    title_en: 'Planned network maintenance',
    text_ru: 'Возможны **перерывы связи до 10 минут**. Сообщения не потеряются.',
    text_en: 'There may be **interruptions of up to 10 minutes**. No message is lost.',
    window_from: ago(1),
    window_to: ago(-5),
  });
});

afterAll(async () => {
  await browser?.close();
  await product?.stop();
});

const fits = (page: Page) =>
  until('nothing to scroll sideways', () =>
    page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth),
  );

describe.each(LOOKS)(
  'axe has nothing serious to say: $locale, dark $dark, $width',
  ({ locale, dark, width }) => {
    const words = locale === 'ru' ? ru : (en as unknown as typeof ru);
    const look = `${lookName({ locale, dark, width })}`;
    let operator: Watched;
    let desk: Desk;

    beforeAll(async () => {
      operator = await newPerson(browser, { dark, width, height: 844 });
      desk = new Desk(operator.page, product.origin);
      await desk.signIn();
      await desk.changeMe({ locale });
    });

    afterAll(async () => {
      await operator?.context.close();
      expect(operator?.faults).toEqual([]);
    });

    async function looksRight(name: string) {
      expect(await axeFindings(operator.page)).toEqual([]);
      await fits(operator.page);
      await shot(operator.page, `announcements-${name}-${look}`);
    }

    test('the banner and the bell, over the inbox and over the settings', async () => {
      const { page } = operator;
      await desk.goto('/inbox');
      await page.getByTestId('announcement-banner').waitFor();
      await looksRight('inbox');
      await desk.settings(product.made.project_id, 'announcements');
      await page.getByTestId('written').first().waitFor();
      await looksRight('list');
    });

    test('the feed', async () => {
      const { page } = operator;
      await page.getByTestId('bell').click();
      const news = page
        .getByTestId('announcement')
        .filter({ hasText: locale === 'ru' ? 'Склад' : 'warehouse' });
      await news.getByRole('button').first().click();
      await news.getByRole('link').waitFor();
      await looksRight('feed');
      await page.keyboard.press('Escape');
      await desk.dialogsGone();
    });

    test('the form, with what is wrong in it', async () => {
      const { page } = operator;
      await page.getByRole('button', { name: words.announcement_new }).click();
      const form = page.getByRole('dialog');
      await form.getByLabel(words.announcement_kind, { exact: true }).selectOption('maintenance');
      await form.getByLabel(words.announcement_text_ru).fill('Связь **прервётся**');
      await form.locator('strong').waitFor();
      await form.getByLabel(words.announcement_from).fill('2026-12-16T00:01');
      await form.getByLabel(words.announcement_to).fill('2026-12-16T03:00');
      await form.getByRole('button', { name: words.announcement_publish }).click();
      await form.getByText(words.announcement_problem_title).waitFor();
      await looksRight('form');
      await page.keyboard.press('Escape');
      await page.getByTestId('unsaved').getByRole('button', { name: words.unsaved_discard }).click();
      await desk.dialogsGone();
    });
  },
);

test('without anything, while it comes, when it fails and when it is refused', async () => {
  const { page, context } = await newPerson(browser, { width: 390, height: 844 });
  const desk = new Desk(page, product.origin);
  await desk.signIn();
  await desk.changeMe({ locale: 'ru' });
  const answer = (status: number, body: unknown) => (url: URL) =>
    page.route(
      (asked) => asked.pathname === url.pathname,
      (route) => route.fulfill({ status, contentType: 'application/json', body: JSON.stringify(body) }),
    );
  const list = new URL('/api/v1/announcements', product.origin);
  const states: [string, number, unknown][] = [
    [ru.announcement_settings_empty, 200, { items: [], next_cursor: null }],
    [ru.retry, 503, { code: 'unavailable', title: 'x', status: 503 }],
    [ru.no_access, 403, { code: 'forbidden', title: 'x', status: 403 }],
  ];
  for (const [text, status, body] of states) {
    await page.unrouteAll();
    await answer(status, body)(list);
    await desk.settings(product.made.project_id, 'announcements');
    await page.getByText(text).first().waitFor();
    expect(await axeFindings(page)).toEqual([]);
    await page.getByTestId('bell').click();
    await page.getByRole('dialog').waitFor();
    expect(await axeFindings(page)).toEqual([]);
    await page.keyboard.press('Escape');
  }
  await context.close();
});
