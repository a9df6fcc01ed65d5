import type { Contact, Page } from '@otklik/api';
import { m } from '$lib/paraglide/messages';
import { api } from '$lib/shared/api';
import type { Recipient, Sample } from './contract';
import type { MailingPage } from './editor.svelte';

/** Somebody whose eyes a message is looked at with, or who gets a trial. */
export interface Somebody {
  id: string;
  name: string;
  channel?: string;
}

const OFFERED = 20;
const FOUND = 20;
const PAUSE_MS = 600;

/** How one client of the audience sees the message. */
export class SampleState {
  /** The first of the audience, and whoever was looked up. */
  people = $state.raw<Somebody[]>([]);
  chosen = $state('');
  sample = $state.raw<Sample | null>(null);
  error = $state.raw<unknown>(null);
  private generation = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly held: MailingPage) {}

  /** Whoever is found first is shown first. */
  async load() {
    const page = await api
      .get<Page<Recipient>>(`${this.held.path}/recipients`, { preview: 'true', limit: OFFERED })
      .catch(() => null);
    // Those who get it first: of a draft without a text that is nobody.
    const met = (page?.items ?? []).sort((a, b) => a.state.localeCompare(b.state));
    const found = met.map((one) => ({ id: one.contact_id, name: one.name || one.handle || m.visitor() }));
    this.people = unique([...this.people, ...found]);
    if (!this.chosen) this.chosen = this.people[0]?.id ?? '';
    await this.show();
  }

  choose(id: string) {
    this.chosen = id;
    void this.show();
  }

  add(somebody: Somebody) {
    this.people = unique([somebody, ...this.people]);
    this.choose(somebody.id);
  }

  /** After an edit. */
  soon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void (this.chosen ? this.show() : this.load()), PAUSE_MS);
  }

  readonly show = async () => {
    if (!this.chosen) return;
    const generation = ++this.generation;
    try {
      const sample = await this.held.sample(this.chosen);
      if (generation !== this.generation) return;
      this.sample = sample;
      this.error = null;
    } catch (error) {
      if (generation === this.generation) this.error = error;
    }
  };

  stop() {
    clearTimeout(this.timer);
  }
}

const unique = (people: Somebody[]) => [...new Map(people.map((one) => [one.id, one])).values()];

/** Clients by a few letters of them. */
export const searchContacts = async (projectId: string, q: string): Promise<Contact[]> =>
  (await api.get<Page<Contact>>(`/projects/${projectId}/contacts`, { q, limit: FOUND })).items;
