import type { Connection, Page } from '@otklik/api';
import { live } from '$lib/live/live.svelte';
import { Refresher } from '$lib/live/refresher';
import { api } from '$lib/shared/api';
import type { Audience, Mailing, MailingDocument, MailingSettings, MailingState } from './contract';
import { copyOf, editable, goesOn, MAILING_CHANNELS, sendable } from './document';
import { Resource } from '$lib/shared/resource.svelte';

const PAGE_SIZE = 50;
const POLL_MS = 2_000;

/** Makes a draft for every channel that the project has; what is not said of it is as usual. */
export async function createMailing(projectId: string, title: string, audience?: Audience): Promise<Mailing> {
  const project = `/projects/${projectId}`;
  const connections = await api.all<Connection>(`${project}/connections`);
  const kinds = new Set(connections.filter(({ status }) => status !== 'off').map(({ kind }) => String(kind)));
  const channels = MAILING_CHANNELS.filter((channel) => kinds.has(channel));
  return api.post<Mailing>(`${project}/mailings`, { title, channels, ...(audience && { audience }) });
}

/** The mailings of a project, newest first, by page. */
export class MailingsState {
  items = $state.raw<Mailing[] | null>(null);
  error = $state.raw<unknown>(null);
  hasMore = $state(false);
  /** Empty for all of them. */
  only = $state<MailingState | ''>('');
  readonly settings: Resource<MailingSettings>;
  private cursor: string | null = null;
  private generation = 0;

  constructor(readonly projectId: string) {
    this.settings = new Resource(() => api.get<MailingSettings>(this.settingsPath));
  }

  readonly load = async () => {
    const generation = ++this.generation;
    try {
      const page = await this.page(null);
      if (generation !== this.generation) return;
      this.take(page);
      this.error = null;
    } catch (error) {
      if (generation === this.generation) this.error = error;
    }
  };

  async show(only: MailingState | '') {
    this.only = only;
    this.items = null;
    await this.load();
  }

  async more() {
    const generation = ++this.generation;
    const page = await this.page(this.cursor);
    if (generation === this.generation) this.take(page, this.items ?? []);
  }

  /** Follows what others do, and the numbers of what runs while somebody looks; returns how to stop. */
  watch(): () => void {
    const refresher = new Refresher(() => this.refresh());
    const forget = live.follow('mailings', (event) => {
      if (event.project_id === this.projectId && event.data.resource === 'mailings') refresher.soon();
    });
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible' && this.items?.some(goesOn)) refresher.soon();
    }, POLL_MS);
    return () => {
      clearInterval(timer);
      forget();
      refresher.stop();
    };
  }

  /** Whoever reads on in older ones is not taken back to the head. */
  private async refresh() {
    if ((this.items?.length ?? 0) <= PAGE_SIZE) await this.load();
  }

  create(title: string, audience?: Audience): Promise<Mailing> {
    return createMailing(this.projectId, title, audience);
  }

  async copy({ document }: Mailing, title: string): Promise<Mailing> {
    return this.put(copyOf(sendable(editable(document)), title));
  }

  /** What was deleted can be made again only as a draft. */
  async remove({ id }: Mailing) {
    await api.delete(`${this.path}/${id}`);
    await this.load();
  }

  /** A deleted draft, once more. */
  async restore(document: MailingDocument) {
    await this.put(sendable(editable(document)));
  }

  async saveSettings(settings: MailingSettings) {
    this.settings.data = await api.put<MailingSettings>(this.settingsPath, settings);
  }

  private async put(document: MailingDocument): Promise<Mailing> {
    const made = await api.post<Mailing>(this.path, document);
    await this.load();
    return made;
  }

  private take({ items, next_cursor }: Page<Mailing>, before: Mailing[] = []) {
    this.items = [...before, ...items];
    this.cursor = next_cursor;
    this.hasMore = next_cursor !== null;
  }

  private page = (cursor: string | null) =>
    api.get<Page<Mailing>>(this.path, { state: this.only, limit: PAGE_SIZE, cursor });

  private get path() {
    return `/projects/${this.projectId}/mailings`;
  }
  private get settingsPath() {
    return `/projects/${this.projectId}/mailing-settings`;
  }
}
