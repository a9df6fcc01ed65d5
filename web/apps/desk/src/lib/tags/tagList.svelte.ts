import type { Tag, TagColour } from '@otklik/api';
import { SvelteMap } from 'svelte/reactivity';
import { live } from '$lib/live/live.svelte';
import { api } from '$lib/shared/api';
import { keyOf } from './colours';

/** The lists of tags of the projects that are on the screen: fetched when first asked for, again when somebody changes them. */
class TagLists {
  /** The card is to open its field for a tag as soon as it is there. */
  wanted = $state(false);
  private readonly lists = new SvelteMap<string, readonly Tag[]>();
  private readonly asked = new Set<string>();

  constructor() {
    live.follow('tags', (event) => {
      const isTags = event.data.resource === 'tags';
      if (isTags && this.asked.has(event.project_id)) void this.load(event.project_id);
    });
  }

  of(projectId: string): readonly Tag[] {
    if (projectId && !this.asked.has(projectId)) {
      this.asked.add(projectId);
      void this.load(projectId);
    }
    return this.lists.get(projectId) ?? [];
  }

  /** How a tag looks; undefined for one that is not listed. */
  colourOf(projectId: string, name: string): TagColour | undefined {
    const key = keyOf(name);
    return this.of(projectId).find((tag) => keyOf(tag.name) === key)?.colour;
  }

  /** Listed tags that go with what is typed, without those that are there already. */
  matching(projectId: string, typed: string, held: readonly string[]): readonly Tag[] {
    const key = keyOf(typed);
    const known = new Set(held.map(keyOf));
    return this.of(projectId).filter(({ name }) => !known.has(keyOf(name)) && keyOf(name).includes(key));
  }

  private async load(projectId: string) {
    // Without an answer tags are words as ever.
    const tags = await api.all<Tag>(`/projects/${projectId}/tags`).catch(() => null);
    if (tags) this.lists.set(projectId, tags);
    else this.asked.delete(projectId);
  }
}

export const tagLists = new TagLists();
