import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import en from '../apps/desk/messages/en.json' with { type: 'json' };
import { axeFindings } from './support/axe';
import { type Watched, launchBrowser, newPerson } from './support/browser';
import { Desk, ru } from './support/desk';
import { LOOKS } from './support/looks';
import { Product } from './support/product';
import { lookName, shot } from './support/shot';
import { publish, SiteLook, type Tab } from './support/site-look';

let product: Product;
let browser: Browser;
const people: Watched[] = [];

const add = (label: string, english: string, target: object, more: object = {}) =>
  product.api.project<{ id: string }>('POST', '/menu-buttons', {
    label: { ru: label, en: english },
    target,
    ...more,
  });

/** Something of everything: published, changed, new, removed and hidden. */
beforeAll(async () => {
  [product, browser] = await Promise.all([Product.start(), launchBrowser()]);
  const { id } = await add('Позвонить', 'Call us', { kind: 'phone', phone: '8 800 555-01-20' });
  const gone = await add('Каталог', 'Catalogue', { kind: 'link', url: 'https://shop.example/' });
  await add('Оставить заявку', 'Leave a request', { kind: 'callback', fields: ['name', 'phone'] });
  await publish(product);
  await product.api.project('PATCH', `/menu-buttons/${id}`, { colour: '#966224', devices: ['phone'] });
  await product.api.project('DELETE', `/menu-buttons/${gone.id}`);
  await add('Спросить', 'Ask', { kind: 'chat' }, { enabled: false });
  const { draft, version } = await product.api.project<{ draft: object; version: number }>(
    'GET',
    '/appearance',
  );
  const fields = [
    { key: 'name', required: false },
    { key: 'phone', required: true },
  ];
  const form = {
    enabled: true,
    text: 'Представьтесь, пожалуйста',
    text_en: 'Please tell us who you are',
    fields,
  };
  const consent = {
    text: 'Согласен на обработку данных',
    text_en: 'I agree to the processing of my data',
    url: 'https://shop.example/privacy',
    required: true,
  };
  await product.api.project('PUT', '/appearance/draft', {
    draft: {
      ...draft,
      brand: '#2f5d4a',
      before: form,
      offline: form,
      consent,
      operator: { name: 'Анна, «Тихий свет»', name_en: 'Anna, Quiet Light' },
      hidden: { pages: ['shop.example/checkout*'], devices: ['tablet'] },
    },
    version,
  });
});

afterAll(async () => {
  await browser?.close();
  await product?.stop();
  expect(people.flatMap(({ faults }) => faults)).toEqual([]);
});

const TABS: Tab[] = ['general', 'menu', 'forms', 'texts', 'places'];

describe.each(LOOKS)(
  'axe has nothing serious to say: $locale, dark $dark, $width',
  ({ locale, dark, width }) => {
    const words = locale === 'ru' ? ru : en;

    test('of every tab, with the preview', async () => {
      const person = await newPerson(browser, {
        dark,
        width,
        height: 844,
        locale: locale === 'ru' ? 'ru-RU' : 'en-GB',
      });
      people.push(person);
      const { page } = person;
      const desk = new Desk(page, product.origin);
      await desk.signIn();
      await desk.changeMe({ locale });
      const look = new SiteLook(page, product, words);
      const name = `appearance-${lookName({ locale, dark, width })}`;
      for (const tab of TABS) {
        await look.goto(tab);
        const call = locale === 'ru' ? 'Позвонить' : 'Call us';
        if (tab === 'menu') await page.getByRole('button', { name: call, exact: true }).click();
        if (width > 1100) await look.widget('.panel').waitFor();
        expect(await axeFindings(page)).toEqual([]);
        expect(await page.evaluate(() => document.documentElement.scrollWidth > innerWidth)).toBe(false);
        await shot(page, `${name}-${tab}`);
      }
      if (width <= 1100) {
        await look.button(words.look_preview_show).click();
        await look.widget('.panel').waitFor();
        expect(await axeFindings(page)).toEqual([]);
        await shot(page, `${name}-preview`);
      }
      // The same edited in two places at once.
      await look.goto('texts');
      const title = page.getByLabel(words.look_title_ru);
      await look.savedByAnother({ title: `Другой ${name}` });
      await title.fill('Я');
      await look.button(words.look_clash_mine).waitFor();
      expect(await axeFindings(page)).toEqual([]);
      await shot(page, `${name}-clash`);
      await look.button(words.look_clash_theirs).click();
      await person.context.close();
    });
  },
);
