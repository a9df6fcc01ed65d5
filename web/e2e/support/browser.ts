import { existsSync } from 'node:fs';
import { type Browser, type BrowserContext, type Page, chromium } from 'playwright-core';

/** Chromium without its windows: what a suite asks for in three quarters of the time. */
const SHELL = process.env.OTKLIK_CHROMIUM_SHELL ?? '/usr/bin/chromium-headless-shell';
/** With everything that people have in it: push needs it. */
const WHOLE = process.env.OTKLIK_CHROMIUM ?? '/usr/bin/chromium';

/** A port lets another program steer it, too; such a browser keeps pages for the way back, as everybody's does. */
export function launchBrowser(debuggingPort?: number): Promise<Browser> {
  if (!existsSync(SHELL)) {
    throw new Error(
      `no browser at ${SHELL}: install the chromium-headless-shell package, or set OTKLIK_CHROMIUM_SHELL`,
    );
  }
  return launch(SHELL, debuggingPort);
}

export function launchWholeBrowser(): Promise<Browser> {
  if (!existsSync(WHOLE)) {
    throw new Error(`no browser at ${WHOLE}: install the chromium package, or set OTKLIK_CHROMIUM`);
  }
  return launch(WHOLE);
}

function launch(executablePath: string, debuggingPort?: number): Promise<Browser> {
  return chromium.launch({
    executablePath,
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      ...(debuggingPort ? [`--remote-debugging-port=${debuggingPort}`] : []),
    ],
    ignoreDefaultArgs: debuggingPort ? ['--disable-back-forward-cache'] : [],
  });
}

export interface Watched {
  page: Page;
  context: BrowserContext;
  /** Errors of the page's scripts. */
  faults: string[];
}

interface Options {
  width?: number;
  height?: number;
  dark?: boolean;
  locale?: string;
  /** `Asia/Yekaterinburg`; that of the machine unless told. */
  timeZone?: string;
}

/** A person of their own: a fresh context that shares nothing with the others. */
export async function newPerson(browser: Browser, options: Options = {}): Promise<Watched> {
  const context = await browser.newContext({
    viewport: { width: options.width ?? 1440, height: options.height ?? 900 },
    locale: options.locale ?? 'ru-RU',
    colorScheme: options.dark ? 'dark' : 'light',
    reducedMotion: 'reduce',
    timezoneId: options.timeZone,
  });
  context.setDefaultTimeout(20_000);
  const page = await context.newPage();
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(String(error)));
  return { page, context, faults };
}
