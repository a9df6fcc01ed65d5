import type { AutoActionVisitor, Page } from '@otklik/api';
import { m } from '$lib/paraglide/messages';
import { api } from '$lib/shared/api';

export const WHATS = ['shown', 'clicked', 'dialogs'] as const;
export type What = (typeof WHATS)[number];

export const whatNames: Record<What, () => string> = {
  shown: m.aa_shown,
  clicked: m.aa_clicked,
  dialogs: m.aa_dialogs,
};

/** The visitors behind a number, the last first, page by page. */
export class VisitorList {
  items = $state.raw<AutoActionVisitor[] | null>(null);
  error = $state.raw<unknown>(null);
  next = $state.raw<string | null>(null);

  constructor(
    private readonly path: string,
    private readonly what: What,
    private readonly period: { from?: string },
  ) {}

  readonly load = async () => {
    this.error = null;
    this.items = null;
    try {
      await this.more();
    } catch (error) {
      this.error = error;
    }
  };

  async more() {
    const query = { ...this.period, what: this.what, cursor: this.next ?? undefined, limit: 50 };
    const page = await api.get<Page<AutoActionVisitor>>(this.path, query);
    this.items = [...(this.items ?? []), ...page.items];
    this.next = page.next_cursor;
  }
}
