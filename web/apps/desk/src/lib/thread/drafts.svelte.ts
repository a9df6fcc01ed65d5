import { SvelteMap } from 'svelte/reactivity';

const PREFIX = 'otklik.draft.';

/** Unsent text per conversation: survives leaving the thread, reload and a lost session. */
class Drafts {
  private readonly texts = new SvelteMap<string, string>();

  constructor() {
    for (const key of Object.keys(localStorage)) {
      if (key.startsWith(PREFIX)) this.texts.set(key.slice(PREFIX.length), localStorage.getItem(key) ?? '');
    }
  }

  get(conversationId: string): string {
    return this.texts.get(conversationId) ?? '';
  }

  set(conversationId: string, text: string) {
    if (text) {
      this.texts.set(conversationId, text);
      localStorage.setItem(PREFIX + conversationId, text);
    } else {
      this.texts.delete(conversationId);
      localStorage.removeItem(PREFIX + conversationId);
    }
  }
}

export const drafts = new Drafts();
