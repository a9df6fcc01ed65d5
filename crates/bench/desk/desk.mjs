// How the desk feels with very many conversations, in Chromium: prints milliseconds until the list is there from a cold start, rows in the page,
// the 95th percentile of a frame while the list is scrolled, and the longest of the interactions until its next paint. Arguments: folder of the
// web, its Chromium, origin, e-mail, password.
const [web, chromium, origin, email, password] = process.argv.slice(2);
const { chromium: engine } = await import(`${web}/node_modules/playwright-core/index.mjs`);

const browser = await engine.launch({ executablePath: chromium, args: ['--no-sandbox'] });
const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
const signedIn = await context.newPage();
await signedIn.goto(`${origin}/sign-in`);
await signedIn.locator('input[type=email]').fill(email);
await signedIn.locator('input[type=password]').fill(password);
await signedIn.keyboard.press('Enter');
await signedIn.locator('[data-folder=new]').click();
await signedIn.getByTestId('conversation-row').first().waitFor();
await signedIn.close();

const page = await context.newPage();
const devtools = await context.newCDPSession(page);
await devtools.send('Network.enable');
await devtools.send('Network.setCacheDisabled', { cacheDisabled: true });
await page.addInitScript(() => {
  window.longest = 0;
  window.slow = [];
  new PerformanceObserver((list) => {
    for (const { duration, name, interactionId } of list.getEntries()) {
      if (!interactionId) continue;
      window.longest = Math.max(window.longest, duration);
      if (duration >= 200) window.slow.push(`${name} ${duration}`);
    }
  }).observe({ type: 'event', durationThreshold: 16, buffered: true });
});
const row = page.getByTestId('conversation-row');
const started = performance.now();
await page.goto(`${origin}/inbox?folder=new`, { waitUntil: 'commit' });
await row.first().or(page.locator('[data-folder=new]')).first().waitFor();
if ((await row.count()) === 0) await page.locator('[data-folder=new]').click();
await row.first().waitFor();
const opened = performance.now() - started;
await page.waitForTimeout(500);

await page.evaluate(() => {
  window.frames_ms = [];
  let last = performance.now();
  const tick = (now) => {
    window.frames_ms.push(now - last);
    last = now;
    requestAnimationFrame(tick);
  };
  requestAnimationFrame(tick);
});
const box = await row.nth(3).boundingBox();
await page.mouse.move(box.x + 40, box.y + 10);
let most = 0;
for (let step = 0; step < 120; step++) {
  await page.mouse.wheel(0, 260);
  if (step % 20 === 0) most = Math.max(most, await row.count());
}
const frames = await page.evaluate(() => window.frames_ms.slice(1).sort((a, b) => a - b));

// What an operator does: opens chats, writes, changes folders, calls the palette.
for (const at of [1, 2, 3]) {
  await row.nth(at).click();
  const field = page.getByTestId('composer');
  await field.waitFor();
  await field.pressSequentially('Добрый день', { delay: 15 });
  await page.waitForTimeout(150);
}
for (const folder of ['mine', 'new', 'open', 'new']) {
  const tab = page.locator(`[data-folder=${folder}]`);
  if (await tab.count()) await tab.first().click();
  await page.waitForTimeout(300);
}
await page.keyboard.press('Control+KeyK');
await page.keyboard.type('поле', { delay: 20 });
await page.waitForTimeout(500);
const { longest, slow } = await page.evaluate(() => ({ longest: window.longest, slow: window.slow }));
if (slow.length > 0) console.error(slow.join('; '));
await browser.close();
console.log(opened.toFixed(0), most, frames[Math.floor(frames.length * 0.95)].toFixed(0), longest.toFixed(0));
