import type { Page } from '@otklik/api';
import { api } from '$lib/shared/api';
import type { Recipient } from './contract';

/** Whom a number is of; nothing for everybody. */
export interface Asked {
  state?: string;
  reason?: string;
  channel?: string;
  zone?: string;
  /** The number of a counted link. */
  link?: number;
}

const PAGE_SIZE = 50;

/** The people behind one number of a mailing, by page. */
export class RecipientList {
  items = $state.raw<Recipient[] | null>(null);
  error = $state.raw<unknown>(null);
  hasMore = $state(false);
  private cursor: string | null = null;

  constructor(
    private readonly path: string,
    private readonly asked: Asked & { preview: boolean },
  ) {}

  readonly load = async () => {
    this.error = null;
    try {
      this.items = await this.page(null);
    } catch (error) {
      this.error = error;
    }
  };

  async more() {
    this.items = [...(this.items ?? []), ...(await this.page(this.cursor))];
  }

  /** All of them, as the server's table. */
  async table(): Promise<string> {
    return (await api.download(`${this.path}/export`, this.query)).text();
  }

  private async page(cursor: string | null): Promise<Recipient[]> {
    const page = await api.get<Page<Recipient>>(this.path, { ...this.query, limit: PAGE_SIZE, cursor });
    this.cursor = page.next_cursor;
    this.hasMore = this.cursor !== null;
    return page.items;
  }

  private get query() {
    const { preview, ...asked } = this.asked;
    return { ...asked, ...(preview && { preview: 'true' }) };
  }
}
