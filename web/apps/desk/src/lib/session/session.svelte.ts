import {
  ApiError,
  type Availability,
  type Locale,
  type Project,
  type Schemas,
  type SessionBody,
} from '@otklik/api';
import { api } from '$lib/shared/api';
import { offline } from '$lib/shared/offline.svelte';
import { i18n } from '$lib/shared/i18n.svelte';

/** Who is signed in. Everything else in the desk hangs on `body` being present. */
class Session {
  body = $state.raw<SessionBody | null>(null);
  expired = $state(false);
  /** Where the log stood when this page began, until the live connection goes on from there. */
  private startedAt: number | null = null;

  get user() {
    if (!this.body) throw new Error('no session: the layout guard must run first');
    return this.body.user;
  }
  get projects(): Project[] {
    return this.body?.projects ?? [];
  }
  get canConfigure(): boolean {
    return this.body !== null && this.body.user.role !== 'operator';
  }

  /** From when on everybody needs a code of the phone, for whoever has none; null where nothing is asked. */
  get codeWantedFrom(): string | null {
    return this.body && !this.body.has_second_factor ? (this.body.second_factor_needed_from ?? null) : null;
  }
  /** Nothing goes but setting it up. */
  get owesCode(): boolean {
    return this.codeWantedFrom !== null && Date.parse(this.codeWantedFrom) <= Date.now();
  }

  project(id: string): Project | undefined {
    return this.projects.find((project) => project.id === id);
  }

  /** True when signed in. Throws when the server cannot be asked at all. */
  async ensure(): Promise<boolean> {
    if (this.body) return true;
    try {
      const body = await api.get<SessionBody>('/me');
      this.adopt(body);
      this.startedAt = body.position;
      return true;
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) {
        await offline.forget();
        return false;
      }
      throw error;
    }
  }

  /** Once: what was read before a connection was lost may be older. */
  takeStart(): number | null {
    const start = this.startedAt;
    this.startedAt = null;
    return start;
  }

  /** `code` is of the phone or of paper, where one is asked for. */
  async signIn(email: string, password: string, code?: string) {
    await offline.forget();
    this.adopt(await api.post<SessionBody>('/session', { email, password, code: code || null }));
  }

  async acceptInvitation(token: string, name: string, password: string) {
    await offline.forget();
    this.adopt(await api.post<SessionBody>(`/invitations/${encodeURIComponent(token)}`, { name, password }));
  }

  async signOut(everywhere = false) {
    await api.delete(everywhere ? '/sessions' : '/session');
    this.clear();
  }

  async rename(name: string) {
    this.adopt(await api.patch<SessionBody>('/me', { name }));
  }

  /** Every other session ends. */
  async changePassword(current_password: string, password: string) {
    this.adopt(await api.patch<SessionBody>('/me', { current_password, password }));
  }

  async setLocale(locale: Locale) {
    i18n.set(locale);
    if (this.body) await api.patch('/me', { locale });
  }

  /** After how many minutes of a client's waiting a letter comes; 0 is never. */
  async setLetters(email_after_minutes: number) {
    this.adopt(await api.patch<SessionBody>('/me', { email_after_minutes }));
  }

  /** Whether the list shows the open conversations of one client as one row; kept with the person. */
  async setTogether(together: boolean) {
    this.adopt(await api.patch<SessionBody>('/me', { together }));
  }

  /** Asks a code of everybody after some days; null leaves it to each person. */
  async askCodes(graceDays: number | null) {
    const body = { required: graceDays !== null, grace_days: graceDays ?? 0 };
    const { needed_from } = await api.put<Schemas['SecondFactorRule']>('/account/second-factor', body);
    if (this.body) this.body = { ...this.body, second_factor_needed_from: needed_from ?? null };
  }

  /** Says whether one takes what comes; it is kept until something else is said. */
  async setAvailability(availability: Availability) {
    this.adopt(await api.put<SessionBody>('/me/availability', { availability }));
  }

  /** Keys of one's own, as the server has them now. */
  keepShortcuts({ shortcuts }: SessionBody) {
    if (this.body) this.body = { ...this.body, shortcuts };
  }

  /** A code is asked for at one's own sign-in from now on. */
  noteFactor() {
    if (this.body) this.body = { ...this.body, has_second_factor: true };
  }

  /** The same was said on another device. */
  noteAvailability(availability: Availability) {
    if (this.body) this.body = { ...this.body, user: { ...this.body.user, availability } };
  }

  /** Called when the server no longer knows who is asking; returns how to stop listening. */
  onSignedOut(listener: () => void): () => void {
    api.onSignedOut = listener;
    return () => (api.onSignedOut = null);
  }

  replaceProject(project: Project) {
    if (!this.body) return;
    const others = this.body.projects.filter((known) => known.id !== project.id);
    const isNew = others.length === this.body.projects.length;
    const projects = isNew
      ? [...others, project]
      : this.body.projects.map((known) => (known.id === project.id ? project : known));
    this.body = { ...this.body, projects };
  }

  clear() {
    void offline.forget();
    this.body = null;
    api.csrf = null;
  }

  private adopt(body: SessionBody) {
    this.body = body;
    this.expired = false;
    api.csrf = body.csrf;
    i18n.set(body.user.locale);
  }
}

export const session = new Session();
