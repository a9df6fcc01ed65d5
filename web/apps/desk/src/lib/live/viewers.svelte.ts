import { SvelteMap } from 'svelte/reactivity';

/** A colleague who looks at a conversation. */
export interface Viewer {
  id: string;
  name: string;
}

/** A mark that is not told again is gone after this; it is told again twice as often. */
const FADES_MS = 6_000;
export const VIEWING_EVERY_MS = 3_000;
/** Colleagues of one conversation that are kept: more would be a crowd. */
const MOST = 5;

/** Who looks at which conversation just now. Nobody keeps it: marks come over the socket, and fade. */
export class Viewers {
  private readonly byConversation = new SvelteMap<string, readonly Viewer[]>();
  private readonly timers = new Map<string, ReturnType<typeof setTimeout>>();

  of(conversationId: string): readonly Viewer[] {
    return this.byConversation.get(conversationId) ?? [];
  }

  note(conversationId: string, viewer: Viewer) {
    const others = this.of(conversationId).filter(({ id }) => id !== viewer.id);
    const isKnown = others.length < this.of(conversationId).length;
    if (!isKnown) this.byConversation.set(conversationId, [...others, viewer].slice(-MOST));
    const key = `${conversationId} ${viewer.id}`;
    clearTimeout(this.timers.get(key));
    this.timers.set(
      key,
      setTimeout(() => this.forget(conversationId, viewer.id), FADES_MS),
    );
  }

  /** The link is lost: nobody is seen over it. */
  clear() {
    this.timers.forEach((timer) => clearTimeout(timer));
    this.timers.clear();
    this.byConversation.clear();
  }

  private forget(conversationId: string, viewerId: string) {
    this.timers.delete(`${conversationId} ${viewerId}`);
    const left = this.of(conversationId).filter(({ id }) => id !== viewerId);
    if (left.length > 0) this.byConversation.set(conversationId, left);
    else this.byConversation.delete(conversationId);
  }
}
