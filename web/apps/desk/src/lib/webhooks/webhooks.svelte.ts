import type { Answer, Page, Schemas } from '@otklik/api';
import { m } from '$lib/paraglide/messages';
import { api } from '$lib/shared/api';
import { Resource } from '$lib/shared/resource.svelte';

export type Webhook = Answer<Schemas['Webhook']>;
export type WebhookTest = Answer<Schemas['WebhookTest']>;
export type WebhookMessage = Answer<Schemas['WebhookMessage']>;

export interface WebhookValues {
  title: string;
  url: string;
  kinds: string[];
}

/** What may be told, in the order in which it is offered. */
export const KINDS: { kind: string; label: () => string }[] = [
  { kind: 'message.created', label: m.hook_kind_message_created },
  { kind: 'message.updated', label: m.hook_kind_message_updated },
  { kind: 'delivery.updated', label: m.hook_kind_delivery_updated },
  { kind: 'conversation.created', label: m.hook_kind_conversation_created },
  { kind: 'conversation.updated', label: m.hook_kind_conversation_updated },
  { kind: 'contact.created', label: m.hook_kind_contact_created },
  { kind: 'contact.updated', label: m.hook_kind_contact_updated },
  { kind: 'contact.deleted', label: m.hook_kind_contact_deleted },
  { kind: 'multi_contact.changed', label: m.hook_kind_multi_contact_changed },
];

/** A newer server may tell more kinds than this page has words for. */
export const kindText = (kind: string) => KINDS.find((known) => known.kind === kind)?.label() ?? kind;

/** Why a webhook is off; empty while it is on. */
export function offText({ state, off_reason }: Webhook): string {
  if (state === 'on') return '';
  const words: Record<string, () => string> = {
    gone: m.hook_off_gone,
    failing: m.hook_off_failing,
    behind: m.hook_off_behind,
  };
  return words[off_reason ?? '']?.() ?? m.hook_off_by_hand();
}

/** Programs that are told what happens in a project. */
export class WebhooksState {
  readonly list = new Resource(() => api.all<Webhook>(this.path()));

  constructor(private readonly projectId: string) {}

  /** Answers it with its secret, which is told this once. */
  create(values: WebhookValues): Promise<Webhook> {
    return this.andLoad(api.post<Webhook>(this.path(), values));
  }

  change(webhook: Webhook, values: Partial<WebhookValues>): Promise<Webhook> {
    return this.andLoad(api.patch<Webhook>(this.path(webhook), values));
  }

  turn(webhook: Webhook, on: boolean): Promise<Webhook> {
    return this.andLoad(api.patch<Webhook>(this.path(webhook), { state: on ? 'on' : 'off' }));
  }

  /** Answers it with its new secret, which is told this once. */
  rotate(webhook: Webhook): Promise<Webhook> {
    return this.andLoad(api.post<Webhook>(this.path(webhook, '/rotate')));
  }

  remove(webhook: Webhook): Promise<void> {
    return this.andLoad(api.delete(this.path(webhook)));
  }

  test(webhook: Webhook): Promise<WebhookTest> {
    return api.post<WebhookTest>(this.path(webhook, '/test'));
  }

  logOf(webhook: Webhook): WebhookLog {
    return new WebhookLog(this.path(webhook));
  }

  private async andLoad<T>(done: Promise<T>): Promise<T> {
    try {
      return await done;
    } finally {
      await this.list.load();
    }
  }

  private path(webhook?: Webhook, rest = ''): string {
    const list = `/projects/${this.projectId}/webhooks`;
    return webhook ? `${list}/${webhook.id}${rest}` : list;
  }
}

const PAGE = 30;

/** What a webhook was told, the newest first, by page. */
export class WebhookLog {
  items = $state.raw<WebhookMessage[] | null>(null);
  error = $state.raw<unknown>(null);
  hasMore = $state(false);
  /** Only those in this state; all when empty. */
  shown = $state('');
  private cursor: string | null = null;

  constructor(private readonly path: string) {}

  readonly load = async () => {
    this.error = null;
    try {
      this.items = await this.page(null);
    } catch (error) {
      this.error = error;
    }
  };

  show(shown: string) {
    this.shown = shown;
    this.items = null;
    void this.load();
  }

  async more() {
    this.items = [...(this.items ?? []), ...(await this.page(this.cursor))];
  }

  async replay(message: WebhookMessage) {
    await api.post(`${this.path}/messages/${message.id}/replay`);
    await this.load();
  }

  /** Everything that failed and is still in the log; how much that is. */
  async replayFailed(): Promise<number> {
    const since = new Date(0).toISOString();
    const { messages } = await api.post<{ messages: number }>(`${this.path}/replay`, { since });
    await this.load();
    return messages;
  }

  private async page(cursor: string | null): Promise<WebhookMessage[]> {
    const page = await api.get<Page<WebhookMessage>>(`${this.path}/messages`, {
      state: this.shown,
      limit: PAGE,
      cursor,
    });
    this.cursor = page.next_cursor;
    this.hasMore = this.cursor !== null;
    return page.items;
  }
}
