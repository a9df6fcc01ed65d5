import type { Locator, Page } from 'playwright-core';

/** The visitor's chat on somebody's page. Its shadow root is open, so locators reach into it. */
export class Widget {
  constructor(readonly page: Page) {}

  part(selector: string): Locator {
    return this.page.locator(`otklik-chat ${selector}`);
  }

  get launcher(): Locator {
    return this.part('.fab');
  }

  get field(): Locator {
    return this.part('textarea');
  }

  get badge(): Locator {
    return this.part('.badge');
  }

  async open() {
    await this.launcher.click();
    await this.field.waitFor();
  }

  async close() {
    await this.launcher.click();
    await this.field.waitFor({ state: 'hidden' });
  }

  async say(text: string) {
    await this.field.fill(text);
    await this.field.press('Enter');
  }

  bubble(text: string): Locator {
    return this.part('.row').filter({ hasText: text });
  }

  /** Texts of the log from top to bottom, the greeting left out. */
  texts(): Promise<string[]> {
    return this.part('.item .text').allTextContents();
  }

  /** Calls the widget's global as the host page would. */
  call(name: 'Chat' | 'TalkMe', ...args: unknown[]): Promise<unknown> {
    return this.page.evaluate(
      ([global, rest]) =>
        (window as unknown as Record<string, (...a: unknown[]) => unknown>)[global]!(...rest),
      [name, args] as const,
    );
  }
}
