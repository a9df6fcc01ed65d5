import type { Locator, Page } from 'playwright-core';
import { ru } from './desk';

export interface Problem {
  level: string;
  code: string;
  block?: string;
  exit?: string;
}
export interface Block {
  id: string;
  type: string;
  title?: string;
  settings: Record<string, unknown>;
}
export interface Draft {
  document: {
    blocks: Block[];
    edges: { from: [string, string]; to: string }[];
    launch: { kind: string; to: string }[];
  };
  revision: number;
  problems: Problem[];
}

/** The editor of a scenario, by what a person sees there. */
export class ScenarioEditor {
  constructor(
    readonly page: Page,
    private readonly origin: string,
    private readonly projectId: string,
  ) {}

  /** Makes a scenario on the page of scenarios; without a template it is empty. */
  async create(name: string, template?: string) {
    await this.page.goto(`${this.origin}/projects/${this.projectId}/settings/scenarios`);
    await this.page.getByRole('button', { name: ru.scn_new }).first().click();
    const dialog = this.page.getByRole('dialog');
    if (template) await dialog.getByText(template, { exact: true }).click();
    await dialog.getByLabel(ru.scn_name, { exact: true }).fill(name);
    await dialog.getByRole('button', { name: ru.scn_create }).click();
    await this.ready();
  }

  async open(id: string) {
    await this.page.goto(`${this.origin}/projects/${this.projectId}/scenarios/${id}`);
    await this.ready();
  }

  private async ready() {
    await this.saveMark.waitFor();
    await this.page.getByTestId('start-card').or(this.page.getByTestId('block-list')).first().waitFor();
  }

  get id(): string {
    return new URL(this.page.url()).pathname.split('/').at(-1) ?? '';
  }

  get saveMark(): Locator {
    return this.page.getByTestId('save-mark');
  }
  get canvas(): Locator {
    return this.page.getByTestId('canvas');
  }
  get inspector(): Locator {
    return this.page.getByTestId('inspector');
  }
  get testPanel(): Locator {
    return this.page.getByTestId('test-panel');
  }
  get palette(): Locator {
    return this.page.getByRole('complementary', { name: ru.scn_palette });
  }

  card(text: string): Locator {
    return this.page.getByTestId('block-card').filter({ hasText: text }).first();
  }

  /** The title and the port of an exit on a card. */
  port(card: string, exit: string): Locator {
    return this.card(card).locator('li').filter({ hasText: exit }).locator('.svelte-flow__handle');
  }

  async add(kind: string) {
    await this.palette.getByRole('button', { name: kind, exact: true }).click();
  }

  field(label: string): Locator {
    return this.inspector.getByLabel(label, { exact: true });
  }

  /** Waits until the server has everything. */
  async saved() {
    await this.page.waitForTimeout(100);
    await this.page.waitForFunction(
      () => document.querySelector<HTMLElement>('[data-testid=save-mark]')?.dataset.state === 'saved',
    );
  }

  /** Saves by hand and answers what the server has. */
  async draft(): Promise<Draft> {
    await this.page.keyboard.press('Control+s');
    await this.saved();
    return this.ask<Draft>('/draft');
  }

  async ask<T>(rest: string): Promise<T> {
    const path = `/api/v1/projects/${this.projectId}/scenarios/${this.id}${rest}`;
    return this.page.evaluate(async (address) => (await (await fetch(address)).json()) as T, path);
  }

  /** From the middle of one thing to the middle of another, as a hand does. */
  async drag(from: Locator, to: Locator | { x: number; y: number }) {
    const start = await middleOf(from);
    const end = 'x' in to ? to : await middleOf(to);
    await this.page.mouse.move(start.x, start.y);
    await this.page.mouse.down();
    await this.page.mouse.move((start.x + end.x) / 2, (start.y + end.y) / 2, { steps: 5 });
    await this.page.mouse.move(end.x, end.y, { steps: 5 });
    await this.page.mouse.up();
  }

  async clickNowhere() {
    await this.canvas.locator('.svelte-flow__pane').click({ position: { x: 12, y: 12 } });
  }

  /** In the open test run. */
  async say(text: string) {
    await this.page.getByTestId('test-message').fill(text);
    await this.page.getByTestId('test-message').press('Enter');
    await this.log.getByText(text, { exact: true }).waitFor();
  }
  get log(): Locator {
    return this.page.getByRole('log');
  }
}

async function middleOf(thing: Locator): Promise<{ x: number; y: number }> {
  const box = await thing.boundingBox();
  if (!box) throw new Error('not on the screen');
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
}
