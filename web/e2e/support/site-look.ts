import type { FrameLocator, Locator, Page } from 'playwright-core';
import type { Product } from './product';
import ru from '../../apps/desk/messages/ru.json' with { type: 'json' };

/** Only what these tests read. */
export interface Look {
  title: string;
  greeting: string;
  brand: string;
  [member: string]: unknown;
}

export interface LookDraft {
  published: Look;
  draft: Look;
  version: number;
  changes: { what: string; path?: string; change?: string }[];
}

export type Tab = 'general' | 'menu' | 'forms' | 'texts' | 'places';

/** The page «Внешний вид», by what a person sees there. */
export class SiteLook {
  constructor(
    readonly page: Page,
    private readonly product: Product,
    private readonly words: Pick<typeof ru, 'look_publish' | 'look_all_published'> = ru,
  ) {}

  async goto(tab: Tab = 'general') {
    const path = `/projects/${this.product.made.project_id}/settings/appearance?tab=${tab}`;
    await this.page.goto(this.product.origin + path);
    await this.bar.waitFor();
  }

  /** The real widget in the preview. */
  get frame(): FrameLocator {
    return this.page.frameLocator('iframe');
  }

  widget(selector: string): Locator {
    return this.frame.locator(`otklik-chat ${selector}`);
  }

  get bar(): Locator {
    return this.page.locator('.bar .said');
  }

  button(name: string): Locator {
    return this.page.getByRole('button', { name, exact: true });
  }

  row(label: string): Locator {
    return this.page.locator('li[data-row]').filter({ hasText: label });
  }

  get publishButton(): Locator {
    return this.button(this.words.look_publish);
  }

  /** Publishes, and waits until there is nothing left to publish. */
  async publish() {
    await this.publishButton.click();
    await this.bar.getByText(this.words.look_all_published).waitFor();
  }

  kept(): Promise<LookDraft> {
    return this.product.api.project<LookDraft>('GET', '/appearance');
  }

  /** Another administrator saves this. */
  async savedByAnother(change: Partial<Look>) {
    const { draft, version } = await this.kept();
    await this.product.api.project('PUT', '/appearance/draft', { draft: { ...draft, ...change }, version });
  }
}

/** What is edited of a site goes to it. */
export const publish = (product: Product) => product.api.project('POST', '/appearance/publish', {});
