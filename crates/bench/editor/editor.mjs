// How long the editor takes to open a scenario in Chromium, and how late its frames are while a block is dragged. Prints milliseconds:
// opened, then the 95th percentile of a frame. Arguments: folder of the web, its Chromium, origin, e-mail, password, path of the editor.
const [web, chromium, origin, email, password, path] = process.argv.slice(2);
const { chromium: engine } = await import(`${web}/node_modules/playwright-core/index.mjs`);

const browser = await engine.launch({ executablePath: chromium, args: ['--no-sandbox'] });
const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
await page.goto(`${origin}/sign-in`);
await page.locator('input[type=email]').fill(email);
await page.locator('input[type=password]').fill(password);
await page.keyboard.press('Enter');
await page.waitForURL((url) => !url.pathname.includes('sign-in'));

const card = page.getByTestId('block-card').first();
const started = performance.now();
await page.goto(origin + path);
await card.waitFor();
const opened = performance.now() - started;

await page.waitForTimeout(1000);
const box = await card.boundingBox();
const [x, y] = [box.x + box.width / 2, box.y + 12];
await page.mouse.move(x, y);
await page.mouse.down();
await page.evaluate(() => {
  window.frames_ms = [];
  let last = performance.now();
  const tick = (now) => {
    window.frames_ms.push(now - last);
    last = now;
    if (window.frames_ms) requestAnimationFrame(tick);
  };
  requestAnimationFrame(tick);
});
for (let step = 1; step <= 120; step++) await page.mouse.move(x + step * 3, y + step);
const frames = await page.evaluate(() => window.frames_ms.slice(1).sort((a, b) => a - b));
await page.mouse.up();
await browser.close();
console.log(opened.toFixed(0), frames[Math.floor(frames.length * 0.95)].toFixed(0));
