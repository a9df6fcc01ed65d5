import type { Contact, Conversation, Page } from '@otklik/api';
import { lastConversation } from '$lib/clients/lastConversation';
import { queryOf, readAsked } from '$lib/search/asked';
import type { Hit } from '$lib/search/contract';
import { api } from '$lib/shared/api';

const LIMIT = 5;
/** What is said is looked for when there is enough of a word. */
const FEWEST = 2;
const TYPING_PAUSE_MS = 180;

/** What the palette finds on the server: clients, chats and messages of one project. */
export class PaletteSearch {
  contacts = $state.raw<Contact[]>([]);
  chats = $state.raw<Conversation[]>([]);
  messages = $state.raw<Hit[]>([]);
  busy = $state(false);
  /** Why one of the lists did not come. */
  error = $state.raw<unknown>(null);
  private timer: ReturnType<typeof setTimeout> | undefined;
  private generation = 0;

  constructor(private readonly projectId: string) {}

  find(text: string) {
    clearTimeout(this.timer);
    const generation = ++this.generation;
    if (text === '') {
      [this.contacts, this.chats, this.messages, this.busy, this.error] = [[], [], [], false, null];
      return;
    }
    this.busy = true;
    this.error = null;
    this.timer = setTimeout(() => void this.ask(text, generation), TYPING_PAUSE_MS);
  }

  /** Where choosing a client leads: the last conversation, or the list with this client alone. */
  async addressOf(contact: Contact): Promise<string> {
    const last = await lastConversation(this.projectId, contact.id);
    return last ? `/inbox/${last}` : `/clients?q=${encodeURIComponent(contact.name ?? contact.handle)}`;
  }

  private async ask(text: string, generation: number) {
    const base = `/projects/${this.projectId}`;
    const query = { q: text, limit: LIMIT };
    const failed = (error: unknown) => {
      if (generation === this.generation) this.error = error;
      return null;
    };
    // One list that fails leaves the other, and the pages that are known anyway.
    const [contacts, chats, messages] = await Promise.all([
      api.get<Page<Contact>>(`${base}/contacts`, query).catch(failed),
      api.get<Page<Conversation>>(`${base}/conversations`, { ...query, folder: 'all' }).catch(failed),
      text.length < FEWEST ? null : this.askMessages(text).catch(failed),
    ]);
    if (generation !== this.generation) return;
    this.contacts = contacts?.items ?? [];
    this.chats = chats?.items ?? [];
    this.messages = messages?.items ?? [];
    this.busy = false;
  }

  private askMessages(text: string): Promise<Page<Hit>> {
    const asked = { ...readAsked(new URLSearchParams()), q: text };
    const query = { ...queryOf(asked, ['message']), limit: LIMIT };
    return api.get<Page<Hit>>(`/projects/${this.projectId}/search`, query);
  }
}
