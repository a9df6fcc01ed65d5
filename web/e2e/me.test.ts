import { createHmac } from 'node:crypto';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import en from '../apps/desk/messages/en.json' with { type: 'json' };
import { axeFindings } from './support/axe';
import { launchBrowser, newPerson } from './support/browser';
import { Desk, ru } from './support/desk';
import { LOOKS } from './support/looks';
import { OWNER, Product } from './support/product';
import { lookName, shot } from './support/shot';
import { until } from './support/wait';

let product: Product;
let browser: Browser;

beforeAll(async () => {
  [product, browser] = await Promise.all([Product.start(), launchBrowser()]);
});

afterAll(async () => {
  await browser?.close();
  await product?.stop();
});

/** What a phone with this key shows at a moment (RFC 6238, with the sums of RFC 4226). */
function phone(key: string, at = Date.now()): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  const bits = [...key].map((letter) => alphabet.indexOf(letter).toString(2).padStart(5, '0')).join('');
  const bytes = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => parseInt(byte, 2)));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(at / 30_000)));
  const hash = createHmac('sha1', bytes).update(step).digest();
  const number = hash.readUInt32BE(hash[19]! & 15) & 0x7fffffff;
  return String(number % 1_000_000).padStart(6, '0');
}

/** A code that was used is not good again: waits for the next. */
async function nextCode(key: string, used: string): Promise<string> {
  await until('the next code', async () => phone(key) !== used, 40_000);
  return phone(key);
}

const signInForm = async (page: Page, code?: string) => {
  await page.locator('input[type=email]').fill(OWNER.email);
  await page.locator('input[autocomplete=current-password]').fill(OWNER.password);
  if (code !== undefined) await page.getByLabel(ru.sign_in_code).fill(code);
  await page.getByRole('button', { name: ru.sign_in_action }).click();
};

test.each(LOOKS)('my settings: $locale, dark $dark, $width', async ({ locale, dark, width }) => {
  const words = locale === 'ru' ? ru : (en as unknown as typeof ru);
  const { page, context, faults } = await newPerson(browser, {
    dark,
    width,
    height: width < 900 ? 844 : 900,
  });
  const desk = new Desk(page, product.origin);
  await desk.signIn();
  await desk.changeMe({ locale });
  await desk.goto('/me');
  await page.getByTestId('session').first().waitFor();
  const picture = async (name: string) => {
    expect(await axeFindings(page)).toEqual([]);
    const isNarrow = () => page.evaluate(() => document.documentElement.scrollWidth <= innerWidth);
    await until('nothing to scroll sideways', isNarrow);
    await shot(page, `me-${name}-${lookName({ locale, dark, width })}`, { fullPage: true });
  };
  await picture('page');
  await page.getByRole('button', { name: words.me_factor_begin }).click();
  await page.getByRole('img', { name: words.me_factor_picture }).waitFor();
  await picture('phone');
  await page.getByTestId('second-factor').getByRole('button', { name: words.cancel }).click();
  await desk.dialogsGone();
  await desk.changeMe({ locale: 'ru' });
  expect(faults).toEqual([]);
  await context.close();
});

test('a name is changed and a session ended elsewhere', async () => {
  const here = await newPerson(browser);
  const there = await newPerson(browser);
  const desk = new Desk(here.page, product.origin);
  const other = new Desk(there.page, product.origin);
  await desk.signIn();
  await other.signIn();
  await desk.goto('/me');
  await here.page.getByLabel(ru.team_name).fill('Анна Смирнова');
  await here.page.getByRole('button', { name: ru.save, exact: true }).click();
  await until('the new name in the menu', async () =>
    (await here.page.getByTestId('me-menu').first().getAttribute('aria-label'))?.includes('Анна Смирнова'),
  );
  await here.page.reload();
  await until(
    'it to be kept',
    async () => (await here.page.getByLabel(ru.team_name).inputValue()) === 'Анна Смирнова',
  );

  const end = here.page.getByTestId('session').getByRole('button', { name: ru.me_session_end });
  await until('somebody else', async () => (await end.count()) > 0);
  while ((await end.count()) > 0) {
    const before = await end.count();
    await end.first().click();
    await until('one less', async () => (await end.count()) < before);
  }
  await there.page.locator('input[type=email]').waitFor();
  await Promise.all([here.context.close(), there.context.close()]);
});

test('a phone is switched on by its picture, asked for at the door, used once, and gone with a code on paper', async () => {
  const { page, context, faults } = await newPerson(browser);
  const desk = new Desk(page, product.origin);
  await desk.signIn();
  await desk.goto('/me');
  await page.getByRole('button', { name: ru.me_factor_begin }).click();
  const dialog = page.getByTestId('second-factor');
  await dialog.getByText(ru.me_factor_by_hand).click();
  const key = (await dialog.getByLabel(ru.me_factor_key).textContent())!.trim();
  const code = dialog.getByLabel(ru.sign_in_code);
  await code.fill('000000');
  await dialog.getByRole('button', { name: ru.me_factor_confirm }).click();
  await dialog.getByText(ru.sign_in_code_wrong).first().waitFor();
  const first = phone(key);
  await code.fill(`${first.slice(0, 3)} ${first.slice(3)}`);
  await dialog.getByRole('button', { name: ru.me_factor_confirm }).click();
  const paper = page.getByTestId('recovery-codes').getByLabel(ru.me_codes);
  const codes = (await paper.textContent())!.trim().split('\n');
  expect(codes).toHaveLength(10);
  await page.getByRole('button', { name: ru.me_codes_kept }).click();
  await page.getByText(ru.me_factor_on.split('{')[0]!).waitFor();

  await context.clearCookies();
  await page.goto(`${product.origin}/sign-in`);
  await signInForm(page);
  await page.getByLabel(ru.sign_in_code).waitFor();
  // Nothing went wrong yet, so nothing is said to have.
  expect(await page.getByRole('alert').allTextContents()).toEqual([]);
  await signInForm(page, first);
  await page.getByText(ru.sign_in_code_wrong).waitFor();
  await signInForm(page, await nextCode(key, first));
  await page.getByTestId('me-menu').first().waitFor();

  // The phone is lost.
  await context.clearCookies();
  await page.goto(`${product.origin}/sign-in`);
  await signInForm(page);
  await page.getByLabel(ru.sign_in_code).waitFor();
  await signInForm(page, codes[0]!.toUpperCase());
  await page.getByTestId('me-menu').first().waitFor();
  await desk.goto('/me');
  await page.getByText('9 ').first().waitFor();
  await page.getByRole('button', { name: ru.me_factor_off, exact: true }).click();
  const question = page.getByRole('dialog');
  await question.getByRole('textbox').fill(OWNER.email);
  await question.getByRole('button', { name: ru.me_factor_off, exact: true }).click();
  await page.getByRole('button', { name: ru.me_factor_begin }).waitFor();
  await context.clearCookies();
  await desk.signIn();
  expect(faults.filter((fault) => !fault.includes('401') && !fault.includes('422'))).toEqual([]);
  await context.close();
});
