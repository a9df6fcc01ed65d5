import type { Browser } from 'playwright-core';
import { type Watched, newPerson } from './browser';
import type { Product } from './product';
import { Widget } from './widget';

type Look = Parameters<typeof newPerson>[1];

/** The chat's own page, as somebody sees it who has a link. */
export class ChatPage {
  private readonly people: Watched[] = [];

  constructor(
    private readonly browser: Browser,
    private readonly product: Product,
  ) {}

  get address(): string {
    return `${this.product.origin}/chat/${this.product.made.site_key}`;
  }

  /** Somebody new with an empty page. */
  async visitor(look: Look = {}): Promise<Widget> {
    const person = await newPerson(this.browser, look);
    this.people.push(person);
    return new Widget(person.page);
  }

  /** Somebody new who has opened the link. */
  async open(query = '', look: Look = {}): Promise<Widget> {
    const widget = await this.visitor(look);
    await widget.page.goto(this.address + query);
    await widget.field.waitFor();
    return widget;
  }

  /** Everybody leaves; what their pages' scripts have stumbled over. */
  async leave(): Promise<string[]> {
    const left = this.people.splice(0);
    for (const { context } of left) await context.close();
    return left.flatMap(({ faults }) => faults);
  }
}
