import { test } from 'vitest';
import { launchBrowser, newPerson } from './support/browser';
import { Desk } from './support/desk';
import { MailServer } from './support/mail';
import { Product } from './support/product';
import { until } from './support/wait';

test('shots', { timeout: 300_000 }, async () => {
  const [product, mail, browser] = await Promise.all([Product.start(), MailServer.start(), launchBrowser()]);
  const server = (port: number) => ({ host: '127.0.0.1', port, security: 'plain' });
  await product.api.project('POST', '/connections', { kind: 'email', title: 'Почта', settings: {
    address: 'sales@shop.example', name: 'Лавка', login: mail.login, password: mail.password, smtp: server(mail.smtp), imap: server(mail.imap) } });
  await mail.receive({ headers: { From: 'Анна Кофе <anna@client.example>', To: 's@x.example', Subject: 'Торшер «Сосна»: размеры и доставка', 'Message-ID': '<1@c>' },
    text: 'Добрый день! Торшер ещё есть?\n\nOn Mon, 12 May 2025 Olya <sales@shop.example> wrote:\n> Каталог во вложении.\n> Смотрите страницу 12.', files: [{ name: 'план комнаты.bin', size: 900_000 }] });
  await mail.receive({ headers: { From: 'Robot <robot@client.example>', To: 's@x.example', Subject: 'Out of office', 'Auto-Submitted': 'auto-replied', 'Message-ID': '<2@c>' }, text: 'I am away until Monday.' });
  const id = await until('conversations', async () => { const all = await product.api.conversations(); return all.length === 2 && all.find((c) => c.contact.name === 'Анна Кофе')!.id; });
  const robot = (await product.api.conversations()).find((c) => c.contact.name === 'Robot')!.id;
  await product.api.project('POST', `/conversations/${id}/messages`, { client_id: '1', content: { text: 'Есть, две штуки' } });
  const { page } = await newPerson(browser);
  const desk = new Desk(page, product.origin);
  await desk.signIn();
  for (const [locale, theme, width] of [['ru', 'light', 1280], ['en', 'dark', 390]] as const) {
    await desk.changeMe({ locale }); await page.emulateMedia({ colorScheme: theme });
    await page.setViewportSize({ width, height: 900 });
    const shot = (name: string) => page.screenshot({ path: `/tmp/mb/${name}-${locale}-${theme}-${width}.png` });
    await desk.settings(product.made.project_id, 'channels');
    await page.locator('[data-testid=channel-logo][data-kind=email]').waitFor();
    await page.waitForTimeout(800);
    await shot('channels');
    await page.locator('[data-testid=channel-logo][data-kind=email]').click();
    await page.getByTestId('mail-address').fill('sales@shop.example');
    await page.getByTestId('mail-password').fill('x');
    await page.waitForTimeout(500);
    await shot('dialog');
    await page.getByRole('dialog').locator('button[type=submit]').click();
    await page.getByRole('dialog').locator('.error, [role=alert]').first().waitFor({ timeout: 30_000 });
    await page.waitForTimeout(500);
    await shot('error');
    for (const [name, conversation] of [['thread', id], ['robot', robot]] as const) {
      await page.goto(`${product.origin}/inbox/${conversation}`);
      await page.getByTestId('message').first().waitFor();
      if (name === 'thread') await page.getByTestId('folded').locator('summary').click();
      await page.waitForTimeout(800);
      await shot(name);
    }
  }
  await browser.close(); await product.stop(); await mail.stop();
});
