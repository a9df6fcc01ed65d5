import type { Locator, Page } from 'playwright-core';
import type { MailServer } from './mail';
import type { Product } from './product';

/** Connects a mailbox as the desk does. */
export function connectMail(product: Product, mail: MailServer): Promise<{ id: string }> {
  const server = (port: number) => ({ host: '127.0.0.1', port, security: 'plain' });
  const { login, password } = mail;
  const [smtp, imap] = [server(mail.smtp), server(mail.imap)];
  const settings = { address: 'sales@shop.example', name: 'Лавка', login, password, smtp, imap };
  return product.api.project('POST', '/connections', { kind: 'email', title: 'Почта', settings });
}

/** The dialog of writing first, by what a person sees there. */
export class StartChatDialog {
  readonly dialog: Locator;

  constructor(private readonly page: Page) {
    this.dialog = page.getByRole('dialog').filter({ has: page.getByTestId('start-chat') });
  }

  /** By the key, wherever one is. */
  async open() {
    await this.page.keyboard.press('c');
    await this.to.waitFor();
  }

  get to(): Locator {
    return this.dialog.getByTestId('start-chat-to');
  }

  get text(): Locator {
    return this.dialog.getByTestId('start-chat-text');
  }

  get client(): Locator {
    return this.dialog.getByTestId('start-chat-client');
  }

  known(name: string): Locator {
    return this.dialog.getByTestId('known-client').filter({ hasText: name });
  }

  openWay(title: string): Locator {
    return this.dialog.getByTestId('open-way').filter({ hasText: title });
  }

  closedWay(title: string): Locator {
    return this.dialog.getByTestId('closed-way').filter({ hasText: title });
  }
}
