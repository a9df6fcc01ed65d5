import { ApiError, type SavedDraft } from '@otklik/api';
import { SvelteMap } from 'svelte/reactivity';
import { live } from '$lib/live/live.svelte';
import { session } from '$lib/session/session.svelte';
import { api } from '$lib/shared/api';

const TYPING_PAUSE_MS = 700;
const HEARD_PAUSE_MS = 300;

/** What this browser keeps of a draft: written here and not on the server yet, or as the server has it. */
interface Kept {
  projectId: string;
  text: string;
  isOwn: boolean;
}

/**
 * Unsent text per conversation. It is the operator's, so it follows them to another device; this browser keeps it, too, for as long
 * as the server does not have it.
 */
class Drafts {
  private readonly kept = new SvelteMap<string, Kept>();
  private readonly timers = new Map<string, ReturnType<typeof setTimeout>>();
  /** One request per conversation at a time: two could overtake each other. */
  private readonly sending = new Set<string>();
  private readonly savedAt = new Map<string, string>();
  private prefix = '';
  private hearTimer: ReturnType<typeof setTimeout> | undefined;
  private stops: (() => void)[] = [];

  /** Begins with who is signed in; returns how to end. */
  start(): () => void {
    this.prefix = `otklik.draft.${session.user.id}.`;
    this.kept.clear();
    for (const key of Object.keys(localStorage)) {
      if (key.startsWith(this.prefix)) this.restore(key.slice(this.prefix.length), localStorage.getItem(key));
    }
    const hide = () => void (document.hidden && this.flush());
    document.addEventListener('visibilitychange', hide);
    this.stops = [
      live.onDraft((id, changedAt) => this.heard(id, changedAt)),
      live.onOnline(() => void this.load()),
      () => document.removeEventListener('visibilitychange', hide),
    ];
    return () => this.stop();
  }

  get(conversationId: string): string {
    return this.kept.get(conversationId)?.text ?? '';
  }

  set(projectId: string, conversationId: string, text: string) {
    this.keep(conversationId, { projectId, text, isOwn: true });
    clearTimeout(this.timers.get(conversationId));
    // What was sent is gone from the other devices at once.
    const pause = text ? TYPING_PAUSE_MS : 0;
    this.timers.set(
      conversationId,
      setTimeout(() => void this.save(conversationId), pause),
    );
  }

  /** Before one signs out: what the server does not have yet is sent. */
  async settle() {
    await Promise.all(this.flush());
  }

  private stop() {
    this.stops.splice(0).forEach((stop) => stop());
    clearTimeout(this.hearTimer);
    this.timers.forEach((timer) => clearTimeout(timer));
    this.timers.clear();
    // Nothing that the server has stays behind in a browser that others may use.
    for (const [id, draft] of this.kept) if (!draft.isOwn) this.forget(id);
  }

  private flush(): Promise<void>[] {
    return [...this.timers].map(([id, timer]) => {
      clearTimeout(timer);
      return this.save(id);
    });
  }

  private async save(id: string) {
    const draft = this.kept.get(id);
    if (!draft?.isOwn || this.sending.has(id)) return;
    this.timers.delete(id);
    this.sending.add(id);
    try {
      const path = `/projects/${draft.projectId}/conversations/${id}/draft`;
      const saved = await api.put<SavedDraft>(path, { text: draft.text });
      this.savedAt.set(id, saved.changed_at);
      if (this.kept.get(id) === draft) this.keep(id, { ...draft, isOwn: false });
    } catch (error) {
      // The conversation is gone; anything else is tried again with the next word or the next connection.
      if (error instanceof ApiError && error.status === 404) this.forget(id);
    } finally {
      this.sending.delete(id);
    }
    // More was written meanwhile.
    const now = this.kept.get(id);
    if (now?.isOwn && now !== draft) void this.save(id);
  }

  /** Another device of this operator’s, or this one, has written. */
  private heard(id: string, changedAt: string) {
    clearTimeout(this.hearTimer);
    this.hearTimer = setTimeout(() => {
      if (this.savedAt.get(id) !== changedAt) void this.load();
    }, HEARD_PAUSE_MS);
  }

  private async load() {
    // Written here while the answer is on its way: it stands.
    const drafts = await api.all<SavedDraft>('/drafts').catch(() => null);
    if (!drafts) return;
    const there = new Set(drafts.map((draft) => draft.conversation_id));
    for (const [id, draft] of this.kept) {
      if (draft.isOwn) void this.save(id);
      else if (!there.has(id)) this.forget(id);
    }
    for (const draft of drafts) {
      const { conversation_id: id, project_id: projectId, text } = draft;
      if (!this.kept.get(id)?.isOwn) this.keep(id, { projectId, text, isOwn: false });
    }
  }

  private keep(id: string, draft: Kept) {
    if (!draft.text && !draft.isOwn) return this.forget(id);
    this.kept.set(id, draft);
    try {
      localStorage.setItem(this.prefix + id, JSON.stringify(draft));
    } catch {
      // A full storage: the server has it in a moment.
    }
  }

  private forget(id: string) {
    this.kept.delete(id);
    localStorage.removeItem(this.prefix + id);
  }

  private restore(id: string, text: string | null) {
    try {
      const draft = JSON.parse(text ?? '') as Kept;
      if (typeof draft.text === 'string' && typeof draft.projectId === 'string') this.kept.set(id, draft);
    } catch {
      // Written by an older version, for whoever was signed in then.
      localStorage.removeItem(this.prefix + id);
    }
  }
}

export const drafts = new Drafts();
