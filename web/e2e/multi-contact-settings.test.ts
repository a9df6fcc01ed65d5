import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { axeFindings } from './support/axe';
import { type Watched, launchBrowser, newPerson } from './support/browser';
import { Desk, ru } from './support/desk';
import { Product } from './support/product';
import { until } from './support/wait';

let product: Product;
let browser: Browser;
let operator: Watched;
let desk: Desk;

/** Two people with two records each, and a contract number that 27 clients share. */
beforeAll(async () => {
  [product, browser] = await Promise.all([Product.start(), launchBrowser()]);
  const create = (external_id: string, fields: Record<string, string>) => ({
    op: 'create',
    external_id,
    fields,
  });
  const shared = Array.from({ length: 27 }, (_, n) => create(`shared-${n}`, { contract: 'ОПТ-0001' }));
  const pairs = ['a', 'b'].flatMap((who) => [
    create(`${who}-1`, { contract: `Д-${who}`, name: 'Ольга' }),
    create(`${who}-2`, { contract: `Д-${who}`, name: 'Ольга' }),
  ]);
  await product.api.project('POST', '/changes', { changes: [...shared, ...pairs] });
  operator = await newPerson(browser);
  desk = new Desk(operator.page, product.origin);
  await desk.signIn();
  await desk.settings(product.made.project_id, 'multi-contacts');
  await page().getByRole('button', { name: ru.rule_add }).waitFor();
});

afterAll(async () => {
  await browser?.close();
  await product?.stop();
  expect(operator?.faults).toEqual([]);
});

const page = () => desk.page;
const preview = () => page().getByRole('region', { name: ru.preview });
const hub = () => preview().getByTestId('hub');
const values = () => page().getByTestId('values');
const applyButton = () => page().getByRole('button', { name: ru.rules_save });
const groups = async () =>
  (await product.api.project<{ items: unknown[] }>('GET', '/multi-contacts?min_size=2')).items.length;

test('a new rule is previewed with its shared value, whose holders can be looked at', async () => {
  await page().getByRole('button', { name: ru.rule_add }).click();
  await page().locator('button.add').click();
  await page().getByRole('menuitem', { name: 'Номер договора' }).click();
  await hub().getByText('27').first().waitFor();
  await preview().getByText(ru.preview_rule.replace('{n}', '1')).waitFor();
  await hub()
    .getByRole('button', { name: ru.value_show.replace('{count}', '27') })
    .click();
  await until('27 clients', async () => (await page().getByRole('dialog').locator('li').count()) === 27);
  await page().keyboard.press('Escape');
  expect(await axeFindings(page())).toEqual([]);
  expect(await groups()).toBe(0);
});

test('saving applies the rule as a job and says what it did', async () => {
  await applyButton().click();
  await page().getByText('Объединений: 2').waitFor();
  expect(await groups()).toBe(2);
  await applyButton().waitFor({ state: 'hidden' });
});

test('a shared value is ignored and the decision is taken back', async () => {
  await values().getByText(ru.value_suspended).waitFor();
  await values().getByRole('button', { name: ru.value_block, exact: true }).click();
  await values().getByText(ru.value_blocked).waitFor();
  const state = async () => {
    const path = '/multi-contact-values?state=suspended,blocked,allowed';
    return (await product.api.project<{ items: { state: string }[] }>('GET', path)).items[0]?.state;
  };
  expect(await state()).toBe('blocked');
  await values().getByRole('button', { name: 'Снять решение' }).click();
  await values().getByText(ru.value_suspended).waitFor();
  expect(await state()).toBe('suspended');
});

test('guards are edited with the rules, and a limit below two is refused at once', async () => {
  const limit = page().getByLabel(ru.guard_hub);
  await limit.fill('1');
  await page().locator('#main, main').getByText(ru.rules_invalid_limit).first().waitFor();
  expect(await applyButton().isDisabled()).toBe(true);
  await limit.fill('30');
  await preview().getByText('Объединит').waitFor();
  const placeholders = page().getByLabel(ru.guard_placeholders);
  await placeholders.fill('б/н');
  await placeholders.press('Enter');
  expect(await axeFindings(page())).toEqual([]);
  await applyButton().click();
  await until('the shared value to join', async () => (await groups()) === 3);
  const settings = await product.api.project<{ hub_limit: number; placeholders: string[] }>(
    'GET',
    '/multi-contact-settings',
  );
  expect(settings.hub_limit).toBe(30);
  expect(settings.placeholders).toContain('б/н');
});

test('the log tells it all, and its last change is undone', async () => {
  await applyButton().waitFor({ state: 'hidden' });
  await page().getByRole('button', { name: ru.log, exact: true }).click();
  const lines = page().getByTestId('log-line');
  await lines.first().getByText('20 → 30').waitFor();
  expect(await lines.count()).toBe(4);
  expect(await page().getByRole('dialog').getByRole('button', { name: ru.undo, exact: true }).count()).toBe(
    1,
  );
  expect(await axeFindings(page())).toEqual([]);
  await lines.first().getByRole('button', { name: ru.undo, exact: true }).click();
  await lines.first().getByText(ru.log_undo).waitFor();
  expect(await groups()).toBe(2);
});

test('rules that a colleague changed meanwhile are not overwritten: the page says so and loads them again', async () => {
  const rules = async () =>
    (await product.api.project<{ items: { id: string; fields: string[] }[] }>('GET', '/multi-contact-rules'))
      .items;
  const before = await rules();
  await page().keyboard.press('Escape');
  await desk.dialogsGone();
  await page().getByRole('button', { name: ru.rule_add }).click();
  await page().locator('button.add').last().click();
  await page().getByRole('menuitem', { name: 'Имя' }).click();
  await applyButton().waitFor();
  await product.api.project('POST', '/multi-contact-rules', { fields: ['phone'] });
  await page().getByRole('alert').getByText(ru.rules_outdated).waitFor();
  await applyButton().click();
  // The preview may have met the same refusal before.
  await page().getByText(ru.problem_outdated_preview).first().waitFor();
  expect((await rules()).length).toBe(before.length + 1);
  expect(await axeFindings(page())).toEqual([]);
  await page().getByRole('button', { name: ru.rules_load_again }).click();
  await page().getByTestId('unsaved').getByRole('button', { name: ru.unsaved_discard }).click();
  await page().getByText(ru.rules_outdated).waitFor({ state: 'hidden' });
  await applyButton().waitFor({ state: 'hidden' });
  // With nothing edited here, what others do is simply shown.
  const made = (await rules()).at(-1);
  await product.api.project('DELETE', `/multi-contact-rules/${made?.id}`);
  const shown = () => page().getByTestId('rule').count();
  await until('the rule of the colleague goes', async () => (await shown()) === before.length);
});
