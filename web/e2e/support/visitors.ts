import type { Browser, Locator, Page } from 'playwright-core';
import { type Watched, newPerson } from './browser';
import { Desk, ru } from './desk';
import { HostPage, policyFor, snippetOf } from './host-page';
import type { Product } from './product';
import { until } from './wait';
import { Widget } from './widget';

type Words = typeof ru;

export interface SiteVisitor {
  id: string;
  contact_id: string | null;
  status: string;
  page: { url: string; title: string };
  pages: number;
  typed: string | null;
}

/** Visitors of a strict site, and what operators see of them. */
export class Visitors {
  readonly people: Watched[] = [];

  private constructor(
    readonly product: Product,
    private readonly browser: Browser,
    readonly host: HostPage,
  ) {}

  static async start(product: Product, browser: Browser): Promise<Visitors> {
    const { origin, made } = product;
    const host = await HostPage.start(snippetOf(origin, made.site_key), policyFor(origin));
    return new Visitors(product, browser, host);
  }

  /** Somebody opens a page and says nothing. */
  async come(search = '', options: Parameters<typeof newPerson>[1] = {}): Promise<Widget> {
    const person = await newPerson(this.browser, options);
    this.people.push(person);
    await person.page.goto(this.host.url + search);
    const widget = new Widget(person.page);
    await widget.launcher.waitFor();
    return widget;
  }

  async leaveAll(): Promise<string[]> {
    const left = this.people.splice(0);
    for (const { context } of left) await context.close();
    return left.flatMap(({ faults }) => faults);
  }

  /** As a single-page site shows another page. */
  go(widget: Widget, path: string, title: string) {
    return widget.page.evaluate(
      ([to, name]) => {
        document.title = name;
        history.pushState({}, '', to);
      },
      [path, title] as const,
    );
  }

  async list(): Promise<SiteVisitor[]> {
    return (await this.product.api.project<{ items: SiteVisitor[] }>('GET', '/visitors')).items;
  }

  async nobody() {
    await until('nobody to be on the site', async () => (await this.list()).length === 0, 30_000);
  }

  set(values: { watch_visitors?: boolean; typing_preview?: boolean }) {
    return this.product.api.call('PATCH', `/projects/${this.product.made.project_id}`, values);
  }
}

/** The page of visitors, by what a person sees there. */
export class VisitorsPage {
  constructor(
    readonly desk: Desk,
    private readonly words: Words = ru,
  ) {}

  get page(): Page {
    return this.desk.page;
  }

  get rows(): Locator {
    return this.page.locator('tr[data-visitor]');
  }

  row(text: string): Locator {
    return this.rows.filter({ hasText: text });
  }

  get drawer(): Locator {
    return this.page.getByRole('dialog');
  }

  get path(): Locator {
    return this.drawer.getByTestId('visitor-path');
  }

  async open(text: string) {
    await this.row(text).getByRole('button').first().click();
    await this.path.waitFor();
  }

  async write(text: string, how: 'visitors_invite' | 'visitors_start') {
    await this.drawer.getByLabel(this.words.visitors_message).fill(text);
    await this.drawer.getByRole('button', { name: this.words[how], exact: true }).click();
  }
}
