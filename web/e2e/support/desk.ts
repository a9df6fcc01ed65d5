import type { Locator, Page } from 'playwright-core';
import ru from '../../apps/desk/messages/ru.json' with { type: 'json' };
import { OWNER } from './product';
import { until } from './wait';

export { ru };

/** The operator's pages, by what a person sees there. */
export class Desk {
  constructor(
    readonly page: Page,
    private readonly origin: string,
  ) {}

  /** Signs in as the owner and waits for the inbox. */
  async signIn() {
    await this.page.goto(`${this.origin}/inbox`);
    await this.fillSignIn(OWNER.email, OWNER.password);
    await this.page.getByTestId('me-menu').first().waitFor();
  }

  async fillSignIn(email: string, password: string) {
    await this.page.locator('input[type=email]').fill(email);
    await this.page.locator('input[autocomplete=current-password]').fill(password);
    await this.page.locator('button[type=submit]').click();
  }

  /** Waits until no dialog is left: a question may close together with the dialog under it. */
  dialogsGone() {
    const dialogs = this.page.getByRole('dialog');
    return until('every dialog to be gone', async () => (await dialogs.count()) === 0);
  }

  goto(path: string) {
    return this.page.goto(this.origin + path);
  }

  /** Changes the signed-in person's own settings, as the desk itself does. */
  async changeMe(values: Record<string, string | number>) {
    const status = await this.page.evaluate(async (body) => {
      const { csrf } = (await (await fetch('/api/v1/me')).json()) as { csrf: string };
      const headers = { 'Content-Type': 'application/json', 'X-Otklik-CSRF': csrf };
      return (await fetch('/api/v1/me', { method: 'PATCH', headers, body })).status;
    }, JSON.stringify(values));
    if (status >= 400) throw new Error(`PATCH /me answered ${status}`);
  }

  /** The folder of new conversations. */
  get newFolder(): Locator {
    return this.page.locator('[data-folder=new]');
  }

  /** Every conversation, behind the menu of folders. */
  async showAll(words: Pick<typeof ru, 'folders' | 'more' | 'folder_all'> = ru) {
    await this.page
      .getByRole('group', { name: words.folders })
      .getByRole('button', { name: words.more })
      .click();
    await this.page.getByRole('menuitem', { name: words.folder_all }).click();
  }

  row(conversationId: string): Locator {
    return this.page.locator(`[data-testid=conversation-row][data-id="${conversationId}"]`);
  }

  async open(conversationId: string) {
    await this.goto(`/inbox/${conversationId}`);
    await this.composer.waitFor();
  }

  get composer(): Locator {
    return this.page.getByTestId('composer');
  }

  get card(): Locator {
    return this.page.getByRole('complementary', { name: ru.card_open });
  }

  bubble(text: string): Locator {
    return this.page.getByTestId('message').filter({ hasText: text });
  }

  /** Texts of the thread from top to bottom. */
  async thread(): Promise<string[]> {
    const texts = await this.page.getByTestId('message').locator('.text').allTextContents();
    return texts.map((text) => text.trim());
  }

  async say(text: string) {
    await this.composer.fill(text);
    await this.composer.press('Enter');
  }

  async note(text: string) {
    await this.page.getByRole('button', { name: ru.composer_note, exact: true }).click();
    await this.say(text);
    await this.page.getByRole('button', { name: ru.composer_reply, exact: true }).click();
  }

  /** Chooses the channel of the next answer by its title. */
  async replyIn(title: string) {
    await this.page.getByTestId('reply-channel').click();
    await this.page
      .getByRole('menuitemradio')
      .or(this.page.getByRole('menuitem'))
      .filter({ hasText: title })
      .click();
  }

  /** A field's row in the client card. */
  field(title: string): Locator {
    return this.card.locator('.row').filter({ hasText: title });
  }

  settings(projectId: string, section: string) {
    return this.goto(`/projects/${projectId}/settings/${section}`);
  }
}
