import { api } from '$lib/shared/api';
import { KINDS, queryOf, type Asked } from './asked';
import type { Hit, Kind, SearchHits, SearchIndex } from './contract';

const PAGE_SIZE = 30;
/** Hits of one kind where all kinds are shown. */
const FEW = 5;

/** Hits of one kind. */
export interface Section {
  kind: Kind;
  hits: Hit[];
  hasMore: boolean;
}

/** What is found in one project: a few of each kind, or one kind by page. */
export class SearchState {
  /** Null until the first answer. */
  sections = $state.raw<Section[] | null>(null);
  error = $state.raw<unknown>(null);
  busy = $state(false);
  /** How far the index is, as the last answer said. */
  index = $state.raw<SearchIndex | null>(null);
  /** Kinds of channels to choose among; without them the choice is missing. */
  channels = $state.raw<string[]>([]);
  private cursor: string | null = null;
  private asked: Asked | null = null;
  private generation = 0;

  constructor(readonly projectId: string) {}

  readonly hits = $derived.by(() => this.sections?.flatMap(({ hits }) => hits) ?? null);

  async loadChannels() {
    const kinds = await api.get<{ items: { kind: string }[] }>('/channel-kinds').catch(() => null);
    this.channels = kinds?.items.map(({ kind }) => kind) ?? [];
  }

  async show(asked: Asked) {
    this.asked = asked;
    const generation = ++this.generation;
    if (asked.q.trim() === '') {
      [this.sections, this.error, this.busy] = [null, null, false];
      return;
    }
    this.busy = true;
    const kinds = asked.kind ? [asked.kind] : KINDS;
    try {
      const pages = await Promise.all(
        kinds.map((kind) => this.page(asked, kind, asked.kind ? PAGE_SIZE : FEW, null)),
      );
      if (generation !== this.generation) return;
      this.index = pages[0]?.index ?? null;
      this.cursor = asked.kind ? (pages[0]?.next_cursor ?? null) : null;
      const sections = pages.map((page, at) => ({
        kind: kinds[at] as Kind,
        hits: page.items,
        hasMore: page.next_cursor !== null,
      }));
      this.sections = sections.filter(({ hits, hasMore }) => hits.length > 0 || (asked.kind && hasMore));
      this.error = null;
    } catch (error) {
      if (generation === this.generation) this.error = error;
    } finally {
      if (generation === this.generation) this.busy = false;
    }
  }

  async again() {
    if (this.asked) await this.show(this.asked);
  }

  /** The next page of the kind that is shown alone. */
  async more() {
    const { asked, cursor } = this;
    if (!asked?.kind || !cursor) return;
    const generation = this.generation;
    const page = await this.page(asked, asked.kind, PAGE_SIZE, cursor);
    if (generation !== this.generation) return;
    this.cursor = page.next_cursor;
    const hits = [...(this.sections?.[0]?.hits ?? []), ...page.items];
    this.sections = [{ kind: asked.kind, hits, hasMore: page.next_cursor !== null }];
  }

  private page(asked: Asked, kind: Kind, limit: number, cursor: string | null): Promise<SearchHits> {
    return api.get<SearchHits>(`/projects/${this.projectId}/search`, {
      ...queryOf(asked, [kind]),
      limit,
      cursor,
    });
  }
}

/** Where a hit leads: to the message, to the conversation, or to the client among the others. */
export function addressOf(hit: Hit): string {
  if (hit.kind === 'message') return `/inbox/${hit.conversation_id}?at=${hit.seq}`;
  if (hit.conversation_id) return `/inbox/${hit.conversation_id}`;
  return `/clients?q=${encodeURIComponent(hit.title)}`;
}
