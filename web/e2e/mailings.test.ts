import { readFile } from 'node:fs/promises';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Watched, launchBrowser, newPerson } from './support/browser';
import { Desk, ru } from './support/desk';
import { Mailings } from './support/mailings';
import { Product } from './support/product';
import { until } from './support/wait';
import { Control } from './telegram-fake/control';
import { TelegramFake } from './telegram-fake/server';

let product: Product;
let fake: TelegramFake;
let browser: Browser;
let owner: Watched;
let desk: Desk;
let page: Page;
let mailings: Mailings;
let nina: Awaited<ReturnType<Mailings['come']>>;
let pyotr: typeof nina;
let vera: typeof nina;

beforeAll(async () => {
  fake = await TelegramFake.start();
  [product, browser] = await Promise.all([Product.start(), launchBrowser()]);
  const control = new Control(fake, fake.newBot());
  await product.api.connectTelegram(fake.url, control.bot.token, 'polling');
  mailings = new Mailings(product, control);
  nina = await mailings.come(501, 'Нина', 'nina_fern', ['опт']);
  pyotr = await mailings.come(502, 'Пётр', 'pyotr_fern', ['опт']);
  vera = await mailings.come(503, 'Вера', 'vera_fern', []);
  owner = await newPerson(browser, { width: 1440, height: 900 });
  page = owner.page;
  desk = new Desk(page, product.origin);
  await desk.signIn();
});

afterAll(async () => {
  await browser?.close();
  await product?.stop();
  fake?.stop();
  expect(owner?.faults).toEqual([]);
});

const button = (name: string) => page.getByRole('button', { name, exact: true });
const open = (id: string, step = '') =>
  desk.goto(`/projects/${product.made.project_id}/mailings/${id}${step}`);
const drawer = () => page.getByRole('dialog');
const people = () => drawer().getByTestId('mailing-recipients').getByRole('listitem');
const badge = (text: string) => page.getByTestId('mailing-state').filter({ hasText: text }).waitFor();
const saved = () => page.locator('[data-testid=save-mark][data-state=saved]').waitFor();
/** The number of a name, as a part of some equation. */
const number = async (place: string, name: string) => {
  const text = await page
    .getByTestId(place)
    .getByLabel(new RegExp(`^${name}: `))
    .first()
    .textContent();
  return Number(text?.replace(/\s/g, ''));
};
const idInAddress = () => page.url().match(/mailings\/(mlg_\w+)/)?.[1] ?? '';

describe('from the list to the start', () => {
  let id = '';

  test('a new one begins with everybody', async () => {
    await desk.settings(product.made.project_id, 'mailings');
    await page.getByText(ru.mailing_none, { exact: true }).waitFor();
    await button(ru.mailing_new).first().click();
    await page.getByLabel(ru.mailing_title).fill('Зимний свет');
    await button(ru.mailing_create).click();
    await page.waitForURL(/mailings\/mlg_/);
    id = idInAddress();
    await desk.dialogsGone();
    await badge(ru.mailing_state_draft);
    await until('three people', async () =>
      (await page.getByTestId('audience-count').textContent())?.includes('из 3 человек'),
    );
  });

  test('a tag chooses two of three', async () => {
    await page
      .getByTestId('audience')
      .getByRole('button', { name: ru.mailing_condition_add, exact: true })
      .click();
    await page.getByRole('menuitem', { name: ru.mailing_leaf_tag, exact: true }).click();
    await page.getByText(ru.mailing_leaf_unfinished).waitFor();
    await page.getByRole('textbox', { name: ru.mailing_leaf_tag }).fill('опт');
    await until('two people', async () =>
      (await page.getByTestId('audience-count').textContent())?.includes('из 2 человек'),
    );
    expect(await page.getByTestId('mailing-steps').textContent()).toContain('Тег «опт»');
    expect((await mailings.read(id)).document.audience).toEqual({ all: [{ tag: 'опт' }] });
  });

  test('a text prints a field, and is seen with a client’s own value', async () => {
    await button(ru.mailing_next.replace('{step}', ru.mailing_step_what)).click();
    const text = page.getByLabel(ru.mailing_text, { exact: true });
    await text.fill(', лампы в подарок');
    await text.press('Home');
    const name = page.getByRole('menuitem', { name: 'Имя', exact: true });
    await until('the fields to choose from', async () => {
      if (!(await name.isVisible())) await button(ru.scn_insert_field).click();
      return name.isVisible();
    });
    await name.click();
    expect(await text.inputValue()).toBe('{{name}}, лампы в подарок');
    await until('Nina’s name in it', async () => {
      const seen = await page.getByTestId('sample').locator('mark').first().textContent();
      return ['Нина', 'Пётр'].includes(seen ?? '');
    });
  });

  test('quiet hours are switched off', async () => {
    await button(ru.mailing_next.replace('{step}', ru.mailing_step_when)).click();
    await page.getByRole('switch', { name: ru.mailing_quiet }).click();
    await until('no quiet hours', async () => !(await quietHoursOf(id)));
    await saved();
  });

  test('the check adds up, and its numbers open their people', async () => {
    await button(ru.mailing_next.replace('{step}', ru.mailing_step_check)).click();
    await page.getByTestId('equation').waitFor();
    await until('two reached', async () => (await number('equation', ru.mailing_count_title)) === 2);
    const [contacts, doubles, all, missed] = await Promise.all(
      [ru.mailing_eq_contacts, ru.mailing_eq_duplicates, ru.mailing_eq_people, ru.mailing_not_reached].map(
        (name) => number('equation', name),
      ),
    );
    expect([contacts, doubles, all, missed]).toEqual([2, 0, 2, 0]);
    await page
      .getByTestId('equation')
      .getByRole('button', { name: `${ru.mailing_count_title}: 2` })
      .click();
    await until('both', async () => (await people().count()) === 2);
    expect((await people().allTextContents()).join()).toMatch(/Нина.*Пётр|Пётр.*Нина/s);
    await page.keyboard.press('Escape');
    await desk.dialogsGone();
  });

  test('a trial goes to whom it is sent, and to nobody else', async () => {
    const trial = page.getByTestId('trial');
    await trial.getByRole('button', { name: ru.mailing_trial_add, exact: true }).click();
    await drawer().getByRole('combobox').fill('Вера');
    await drawer().getByRole('option').first().click();
    await trial.getByRole('button', { name: ru.mailing_trial_send }).click();
    await until('Vera’s trial', () =>
      mailings.saidTo(vera).some((text) => text.startsWith('Вера, лампы в подарок')),
    );
    expect(mailings.saidTo(nina)).toEqual([]);
    await trial.locator('label').filter({ hasText: 'Вера' }).waitFor();
    await until('what became of it', async () =>
      /отправлено|доставлено/.test((await trial.getByRole('listitem').textContent()) ?? ''),
    );
  });

  test('the start writes to the two, and the numbers say so', async () => {
    await button(ru.mailing_start_button).click();
    await badge(ru.mailing_state_done);
    await until('both', () => [nina, pyotr].every((one) => mailings.saidTo(one).length === 1));
    expect(mailings.saidTo(nina)[0]).toMatch(/^Нина, лампы в подарок\n/);
    expect(mailings.saidTo(vera)).toHaveLength(1);
    await until('two sent', async () => (await number('run-equation', ru.delivery_sent)) === 2);
    expect(await number('run-equation', ru.mailing_chosen)).toBe(2);
  });

  test('a number of the run opens its people: text, time, chat', async () => {
    await page
      .getByTestId('run-equation')
      .getByRole('button', { name: `${ru.delivery_sent}: 2` })
      .click();
    await until('both', async () => (await people().count()) === 2);
    const row = people().filter({ hasText: 'Нина' });
    expect(await row.textContent()).toMatch(/Нина, лампы в подарок/);
    expect(await row.textContent()).toMatch(/создано .* отправлено/);
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      drawer().getByRole('button', { name: 'CSV' }).click(),
    ]);
    const lines = (await readFile((await file.path())!, 'utf8')).split('\r\n');
    expect(lines[0]).toContain(`"${ru.mailing_client}"`);
    expect(lines.filter((line) => line.includes('Telegram'))).toHaveLength(2);
    await row.getByRole('link').first().click();
    await page.waitForURL(/inbox\/cnv_/);
    await desk.bubble('Нина, лампы в подарок').first().waitFor();
  });

  test('a new mailing is made to just these people', async () => {
    await open(id);
    await page
      .getByTestId('run-equation')
      .getByRole('button', { name: `${ru.delivery_sent}: 2` })
      .click();
    await drawer().getByRole('button', { name: ru.mailing_to_these }).click();
    await until('another mailing', () => idInAddress() !== id);
    await until('the two', async () =>
      (await page.getByTestId('audience-count').textContent())?.includes('из 2 человек'),
    );
    expect((await mailings.read(idInAddress())).document.audience).toEqual({
      all: [{ mailing: { id, state: 'sent' } }],
    });
  });
});

const quietHoursOf = async (id: string) =>
  ((await mailings.read(id)).document.schedule as { quiet?: object | null }).quiet;

describe('consent', () => {
  test('a stop word is a reason, and only the client takes it back', async () => {
    pyotr.says('стоп');
    await until('the opt-out', async () => {
      const path = `/contacts/${pyotr.contact}/opt-out`;
      return (await product.api.project<{ is_opted_out: boolean }>('GET', path)).is_opted_out;
    });
    const { id } = await mailings.make('Весна');
    await open(id, '?step=check');
    await page.getByTestId('equation').waitFor();
    const opted = `${ru.mailing_reason_opted_out}: 1`;
    await page.getByRole('button', { name: opted }).click();
    await until('Pyotr alone', async () => (await people().count()) === 1);
    expect(await people().textContent()).toContain('Пётр');
    await page.keyboard.press('Escape');
    await desk.open((await product.api.conversationWith('Здравствуйте, это Пётр')).id);
    const consent = desk.card.getByTestId('consent');
    await consent.getByText(ru.mailing_consent_own).waitFor();
    expect(await consent.getByRole('button').count()).toBe(0);
  });

  test('an operator unsubscribes a client, and an administrator takes that back', async () => {
    await desk.open((await product.api.conversationWith('Здравствуйте, это Вера')).id);
    const consent = desk.card.getByTestId('consent');
    await consent.getByRole('button', { name: ru.mailing_consent_opt_out }).click();
    await consent.getByText(ru.mailing_consent_scope_person).waitFor();
    await consent.getByRole('button', { name: ru.mailing_consent_take_back }).click();
    await consent.getByText(ru.mailing_consent_in).waitFor();
  });

  test('words and reach are set in the settings of mailings', async () => {
    await desk.settings(product.made.project_id, 'mailings');
    await button(ru.mailing_settings).click();
    const words = page.getByLabel(ru.mailing_stop_words);
    await drawer().getByText('стоп', { exact: true }).waitFor();
    await words.fill('хватит');
    await words.press('Enter');
    await drawer().getByRole('radio', { name: ru.mailing_scope_channel, exact: false }).check();
    await button(ru.save).click();
    await desk.dialogsGone();
    const settings = await product.api.project<{ stop_words: string[]; scope: string }>(
      'GET',
      '/mailing-settings',
    );
    expect(settings.scope).toBe('channel');
    expect(settings.stop_words).toContain('хватит');
  });
});

describe('a run', () => {
  test('stands still, goes on, and is stopped only when asked about it', async () => {
    for (const [at, name] of ['Зоя', 'Лев', 'Ия'].entries())
      await mailings.come(510 + at, name, `p_${at}_fern`, ['ждёт']);
    const { id } = await mailings.make('Долгая', {
      pace_per_minute: 4,
      audience: { all: [{ tag: 'ждёт' }] },
    });
    await mailings.start(id);
    await open(id);
    await badge(ru.mailing_state_running);
    await until('one of them', async () => (await number('run-equation', ru.delivery_sent)) === 1);
    await button(ru.mailing_pause).click();
    await badge(ru.mailing_state_paused);
    await button(ru.mailing_resume).click();
    await badge(ru.mailing_state_running);
    await button(ru.mailing_stop).click();
    await drawer().getByText(ru.mailing_stop_text).waitFor();
    await drawer().getByRole('button', { name: ru.cancel }).click();
    await desk.dialogsGone();
    expect((await mailings.read(id)).state).toBe('running');
    await button(ru.mailing_stop).click();
    await drawer().getByRole('button', { name: ru.mailing_stop }).click();
    await badge(ru.mailing_state_stopped);
    const { counts } = await mailings.read(id);
    expect(counts.sent! + counts.skipped!).toBe(3);
    expect(counts.skipped).toBeGreaterThan(0);
    await page.getByRole('button', { name: `${ru.mailing_reason_stopped}: ${counts.skipped}` }).click();
    await until('just those', async () => (await people().count()) === counts.skipped);
    await page.keyboard.press('Escape');
  });

  test('waits for its time, and is edited until then', async () => {
    const { id } = await mailings.make('Потом', { schedule: { at: '2099-01-01T10:00', quiet: null } });
    await open(id, '?step=check');
    await button(ru.mailing_start_button).click();
    await badge(ru.mailing_state_scheduled);
    await button(ru.mailing_back_to_draft).click();
    await badge(ru.mailing_state_draft);
    await page.getByTestId('equation').waitFor();
    expect((await mailings.read(id)).state).toBe('draft');
  });

  test('what two people write at once is kept of both', async () => {
    const made = await mailings.make('Вместе');
    await open(made.id, '?step=what');
    const text = page.getByLabel(ru.mailing_text, { exact: true });
    await text.waitFor();
    const document = { ...(await mailings.read(made.id)).document, title: 'Вместе, их название' };
    await product.api.project('PUT', `/mailings/${made.id}`, { document, revision: made.revision });
    await text.fill('Мой текст');
    await page.getByText(ru.mailing_joined).waitFor();
    await until('both', async () => {
      const { document: now } = await mailings.read(made.id);
      return now.title === 'Вместе, их название' && (now.body as { text: string }).text === 'Мой текст';
    });
    await saved();
  });
});

describe('the list', () => {
  const row = (title: string) => page.getByRole('row').filter({ hasText: title });

  test('is filtered by state, and says when nothing is left', async () => {
    await desk.settings(product.made.project_id, 'mailings');
    await row('Долгая').waitFor();
    await page.getByLabel(ru.mailing_filter).selectOption('done');
    await row('Долгая').waitFor({ state: 'detached' });
    await row('Зимний свет').first().waitFor();
    await page.getByLabel(ru.mailing_filter).selectOption('failed');
    await page.getByRole('button', { name: ru.clear_filters }).click();
    await row('Долгая').waitFor();
  });

  test('two are compared in numbers and shares', async () => {
    await page.getByLabel(`${ru.mailing_compare}: Зимний свет`, { exact: true }).check();
    await page.getByLabel(`${ru.mailing_compare}: Долгая`).check();
    await button(ru.mailing_compare_two).click();
    const sent = page.getByTestId('compare').getByRole('row').filter({ hasText: ru.delivery_sent }).first();
    expect((await sent.textContent())?.replace(/\s+/g, ' ')).toMatch(/[12] (33|67) %.*2 100 %/);
    await page.keyboard.press('Escape');
    await desk.dialogsGone();
  });

  test('a draft goes with a way back, what was sent with its name', async () => {
    await row('Вместе')
      .getByRole('button', { name: new RegExp(ru.more) })
      .click();
    await page.getByRole('menuitem', { name: ru.delete }).click();
    await row('Вместе').waitFor({ state: 'detached' });
    await button(ru.undo).click();
    await row('Вместе').waitFor();
    await row('Долгая')
      .getByRole('button', { name: new RegExp(ru.more) })
      .click();
    await page.getByRole('menuitem', { name: ru.delete }).click();
    await drawer().getByTestId('typed-name').fill('Долгая');
    await drawer().getByRole('button', { name: ru.delete }).click();
    await row('Долгая').waitFor({ state: 'detached' });
  });

  test('contacts of a link begin a mailing, and a pasted list says whom it did not find', async () => {
    await desk.goto(
      `/projects/${product.made.project_id}/settings/mailings?contacts=${nina.contact},${vera.contact}`,
    );
    await page.getByLabel(ru.mailing_title).fill('По ссылке');
    await button(ru.mailing_create).click();
    await page.waitForURL(/mailings\/mlg_/);
    await until('the two', async () =>
      (await page.getByTestId('audience-count').textContent())?.includes('из 2 человек'),
    );
    await button(ru.mailing_list_add).click();
    await page.getByLabel(ru.mailing_list_label, { exact: true }).fill('@nina_fern\n\n@nobody_at_all');
    await button(ru.mailing_list_find).click();
    const missing = page.getByTestId('unmatched');
    expect((await missing.textContent())?.replace(/\s+/g, ' ')).toContain('строка 3');
    await drawer().getByRole('button', { name: /Взять/ }).click();
    await until('one of both lists', async () =>
      (await page.getByTestId('audience-count').textContent())?.includes('из 1 человека'),
    );
  });
});
