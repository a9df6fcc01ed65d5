import type { Browser, Dialog, Locator } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { axeFindings } from './support/axe';
import { type Watched, launchBrowser, newPerson } from './support/browser';
import { Desk, ru } from './support/desk';
import { OWNER, Product } from './support/product';
import { until } from './support/wait';

let product: Product;
let browser: Browser;
let operator: Watched;
let desk: Desk;

beforeAll(async () => {
  [product, browser] = await Promise.all([Product.start(), launchBrowser()]);
  const field = (key: string, title: string) => ({ key, title, kind: 'text', show_when_empty: true });
  await product.api.project('POST', '/fields', field('city', 'Город'));
  await product.api.project('POST', '/fields', field('floor', 'Этаж'));
  await product.api.call('POST', '/projects', { name: 'Второй сайт' });
  operator = await newPerson(browser, { width: 1280, height: 800 });
  desk = new Desk(operator.page, product.origin);
  await desk.signIn();
});

afterAll(async () => {
  await browser?.close();
  await product?.stop();
  expect(operator?.faults).toEqual([]);
});

const page = () => desk.page;
const question = () => page().getByTestId('unsaved');
const answer = (name: string) => question().getByRole('button', { name, exact: true }).click();
const stay = async () => {
  await answer(ru.unsaved_stay);
  await question().waitFor({ state: 'hidden' });
};
const nav = (name: string) =>
  page().getByRole('navigation', { name: ru.settings_nav }).getByRole('link', { name }).first();
const button = (name: string) => page().getByRole('button', { name, exact: true });
const menuItem = (name: string) => page().getByRole('menuitem', { name, exact: true });

interface Edited {
  form: string;
  section: string;
  link: string;
  edit: () => Promise<unknown>;
  /** What is unsaved, as it stands on the screen. */
  shown: () => Promise<string>;
  edited: string;
  /** What the server holds. */
  kept: () => Promise<string>;
}

const rules = () => page().getByTestId('rule');
const origins = () => page().getByLabel(ru.install_origins);
const fieldTitle = () => page().locator('form').getByLabel(ru.field_title, { exact: true });
interface Site {
  allowed_origins: string[];
}
const site = () => product.api.call<Site>('GET', `/projects/${product.made.project_id}`);
const list = <T>(path: string) => product.api.project<{ items: T[] }>('GET', path).then(({ items }) => items);

const FORMS: Edited[] = [
  {
    form: 'Install',
    section: 'install',
    link: ru.set_install,
    edit: () => origins().fill('https://shop.example'),
    shown: () => origins().inputValue(),
    edited: 'https://shop.example',
    kept: async () => (await site()).allowed_origins.join(),
  },
  {
    form: 'Fields',
    section: 'fields',
    link: ru.set_fields,
    edit: async () => {
      await button('Город').click();
      await fieldTitle().fill('Посёлок');
    },
    shown: () => fieldTitle().inputValue(),
    edited: 'Посёлок',
    kept: async () =>
      (await list<{ key: string; title: string }>('/fields')).find(({ key }) => key === 'city')?.title ?? '',
  },
  {
    form: 'Rules',
    section: 'multi-contacts',
    link: ru.set_multi,
    edit: async () => {
      await button(ru.rule_add).click();
      await page().locator('button.add').click();
      await menuItem('Этаж').click();
    },
    shown: async () => String(await rules().count()),
    edited: '1',
    kept: async () => String((await list('/multi-contact-rules')).length),
  },
];

describe.each(FORMS)('$form', ({ section, link, edit, shown, edited, kept }) => {
  const here = () => page().url().endsWith(`/settings/${section}`);
  let before = '';

  /** By a link, so that there is a page to go back to, and edited. */
  beforeAll(async () => {
    await desk.settings(product.made.project_id, 'overview');
    await nav(link).click();
    before = await kept();
    await edit();
    expect(await shown()).toBe(edited);
  });

  const isStillThere = async () => {
    expect(here()).toBe(true);
    expect(await shown()).toBe(edited);
    expect(await kept()).toBe(before);
  };

  test('a link asks, and staying keeps the edits', async () => {
    await nav(ru.set_team).click();
    await question().waitFor();
    expect(await axeFindings(page())).toEqual([]);
    await stay();
    await isStillThere();
  });

  test('so does Escape in the question', async () => {
    await nav(ru.set_team).click();
    await question().waitFor();
    await page().keyboard.press('Escape');
    await question().waitFor({ state: 'hidden' });
    await isStillThere();
  });

  test('going back asks', async () => {
    await page().evaluate(() => history.back());
    await question().waitFor();
    await stay();
    await isStillThere();
  });

  test('reloading is asked about by the browser', async () => {
    const asked: string[] = [];
    const refuse = (dialog: Dialog) => {
      asked.push(dialog.type());
      void dialog.dismiss();
    };
    page().on('dialog', refuse);
    await page().evaluate(() => setTimeout(() => location.reload()));
    await until('the question of the browser', () => asked.length > 0);
    page().off('dialog', refuse);
    expect(asked).toEqual(['beforeunload']);
    await isStillThere();
  });

  test('switching the project asks', async () => {
    await page().getByRole('navigation', { name: ru.settings, exact: true }).getByRole('button').click();
    await menuItem('Второй сайт').click();
    await question().waitFor();
    await stay();
    await isStillThere();
  });

  test('signing out asks', async () => {
    await page().getByTestId('me-menu').click();
    await menuItem(ru.sign_out).click();
    await question().waitFor();
    await stay();
    await isStillThere();
  });

  test('another language leaves everything where it is', async () => {
    for (const language of ['English', 'Русский']) {
      await page().getByTestId('me-menu').click();
      await menuItem(language).click();
    }
    await nav(link).waitFor();
    expect(await question().count()).toBe(0);
    await isStillThere();
  });

  test('a session that ends hides the page, and gives the edits back to the same person', async () => {
    await endSession();
    const again = page().getByTestId('sign-in-again');
    await again.waitFor();
    await nav(link).waitFor({ state: 'hidden' });
    await page().keyboard.press('Escape');
    expect(await axeFindings(page())).toEqual([]);
    await again.locator('input[autocomplete=current-password]').fill('not-the-password');
    await again.locator('button[type=submit]').click();
    await again.getByText(ru.sign_in_wrong).waitFor();
    await again.locator('input[autocomplete=current-password]').fill(OWNER.password);
    await again.locator('button[type=submit]').click();
    await again.waitFor({ state: 'hidden' });
    await nav(link).waitFor();
    await isStillThere();
    expect(await page().evaluate(() => JSON.stringify([localStorage, sessionStorage]))).not.toContain(
      OWNER.password,
    );
  });

  test('leaving without saving leaves, and nothing is saved', async () => {
    await page().evaluate(() => history.back());
    await answer(ru.unsaved_discard);
    await page().waitForURL('**/overview');
    expect(await kept()).toBe(before);
    await nav(link).click();
    await edit();
  });

  test('saving saves, and then leaves', async () => {
    await nav(ru.set_team).click();
    await answer(ru.save);
    await page().waitForURL('**/team');
    expect(await kept()).toBe(edited);
    expect(await question().count()).toBe(0);
  });
});

/** Ends every session of the person, this one too. */
async function endSession() {
  await page().evaluate(async () => {
    const { csrf } = (await (await fetch('/api/v1/me')).json()) as { csrf: string };
    await fetch('/api/v1/sessions', { method: 'DELETE', headers: { 'X-Otklik-CSRF': csrf } });
  });
}

describe('dialogs', () => {
  interface Opened {
    name: string;
    section: string;
    open: () => Promise<unknown>;
    input: () => Locator;
  }
  const dialog = () => page().getByRole('dialog').first();
  const DIALOGS: Opened[] = [
    {
      name: 'a new bot',
      section: 'channels',
      open: () => page().locator('[data-testid=channel-logo][data-kind=telegram]').click(),
      input: () => page().getByTestId('telegram-token'),
    },
    {
      name: 'an invitation',
      section: 'team',
      open: () => button(ru.team_invite).click(),
      input: () => dialog().getByLabel(ru.team_name),
    },
    {
      name: 'a field for a rule',
      section: 'multi-contacts',
      open: async () => {
        await button(ru.rule_add).click();
        await button(ru.rule_field_create).click();
      },
      input: () => dialog().getByLabel(ru.field_title, { exact: true }),
    },
  ];

  test.each(DIALOGS)(
    '$name is not lost by Escape or by a click beside it',
    async ({ section, open, input }) => {
      await desk.settings(product.made.project_id, section);
      await open();
      await input().fill('Начато');
      const leave = [
        () => page().keyboard.press('Escape'),
        () => page().mouse.click(20, 780),
        () => dialog().getByRole('button', { name: ru.close, exact: true }).click(),
      ];
      for (const way of leave) {
        await way();
        await question().waitFor();
        await stay();
        expect(await input().inputValue()).toBe('Начато');
      }
      await page().keyboard.press('Escape');
      await answer(ru.unsaved_discard);
      await input().waitFor({ state: 'hidden' });
    },
  );

  test('one without edits is left without a word', async () => {
    await desk.settings(product.made.project_id, 'team');
    await button(ru.team_invite).click();
    await dialog().waitFor();
    await page().keyboard.press('Escape');
    await desk.dialogsGone();
    expect(await question().count()).toBe(0);
  });
});

describe('one place, several things', () => {
  beforeEach(async () => {
    await desk.settings(product.made.project_id, 'fields');
    await page().getByRole('button', { name: /^Этаж/ }).click();
    await fieldTitle().fill('Этажность');
  });

  test('choosing another field asks about the one that is edited', async () => {
    await button('Посёлок').click();
    await question().waitFor();
    await stay();
    expect(await fieldTitle().inputValue()).toBe('Этажность');
    await button('Посёлок').click();
    await answer(ru.unsaved_discard);
    await until('the other field', async () => (await fieldTitle().inputValue()) === 'Посёлок');
  });

  test('so does closing it, and saving there saves', async () => {
    await fieldTitle().fill('Этаж и подъезд');
    await button(ru.close).click();
    await answer(ru.save);
    await fieldTitle().waitFor({ state: 'hidden' });
    expect((await list<{ title: string }>('/fields')).map((field) => field.title)).toContain(
      'Этаж и подъезд',
    );
  });

  test('what the form refuses is not saved on the way out either', async () => {
    await fieldTitle().fill('');
    await nav(ru.set_team).click();
    await answer(ru.save);
    await question().waitFor({ state: 'hidden' });
    expect(page().url()).toContain('/settings/fields');
    expect(await fieldTitle().evaluate((input: HTMLInputElement) => input.validity.valueMissing)).toBe(true);
  });
});
