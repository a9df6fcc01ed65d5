import { chromium } from 'playwright-core';
import { BROWSER } from './browser.mjs';
import { SITE_KEY, startFakeServer } from './fake-server.mjs';
import { startHost } from './host.mjs';

export const snippet = (chat) => `<script async src="${chat}/w.js?p=${SITE_KEY}"></script>`;

class Visit {
  constructor(page) {
    this.page = page;
    this.faults = [];
    this.requests = [];
    page.on('console', (line) => line.type() === 'error' && this.faults.push(line.text()));
    page.on('pageerror', (error) => this.faults.push(String(error)));
    page.on('request', (request) => this.requests.push(request));
  }

  scripts() {
    return this.requests
      .filter((request) => request.resourceType() === 'script')
      .map((request) => request.url());
  }

  async open() {
    await this.page.locator('otklik-chat .fab').click();
    await this.page.locator('otklik-chat textarea').waitFor();
    await this.page.waitForTimeout(300);
  }

  async say(text) {
    const field = this.page.locator('otklik-chat textarea');
    await field.fill(text);
    await field.press('Enter');
  }

  bubbles() {
    return this.page.locator('otklik-chat .bubble .text').allTextContents();
  }
}

export const browser = await chromium.launch(BROWSER);

/** A page with the widget on it, what went wrong there, and its end. */
export async function visiting(options, body) {
  const server = options.server ?? (await startFakeServer(options.fake));
  const host = await startHost(server.address, {
    head: snippet(server.address),
    ...options.host?.(server.address),
  });
  const context = await browser.newContext({
    viewport: { width: 1280, height: 800 },
    locale: 'ru-RU',
    ...options.context,
  });
  const visit = new Visit(await context.newPage());
  await visit.page.addInitScript(() => {
    window.shift = 0;
    window.violations = [];
    new PerformanceObserver((list) =>
      list.getEntries().forEach((e) => (window.shift += e.hadRecentInput ? 0 : e.value)),
    ).observe({
      type: 'layout-shift',
      buffered: true,
    });
    document.addEventListener('securitypolicyviolation', (e) =>
      window.violations.push(e.violatedDirective + ' ' + e.blockedURI),
    );
  });
  await visit.page.goto(host.address);
  await visit.page.locator('otklik-chat .fab').waitFor();
  try {
    await body({ visit, page: visit.page, server, host, context });
  } finally {
    await context.close();
    host.close();
    await server.close();
  }
}
