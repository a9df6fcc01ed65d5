import type { Conversation, Department } from '@otklik/api';
import { goto } from '$app/navigation';
import { page } from '$app/state';
import { Counts } from '$lib/inbox/counts.svelte';
import { live } from '$lib/live/live.svelte';
import type { HeardBy } from '$lib/live/follows';
import { m } from '$lib/paraglide/messages';
import { session } from '$lib/session/session.svelte';
import { api } from '$lib/shared/api';
import { clock } from '$lib/shared/clock.svelte';
import { push } from '$lib/push/push.svelte';
import { prefs } from '$lib/shared/prefs.svelte';
import { contactName } from '$lib/shared/words';
import { concerns, isTold, withCount } from './concern';
import { play } from './sound';
import { Tabs } from './tabs';

const ICON = '/favicon.svg';
const ICON_UNREAD = '/favicon-unread.svg';

/** What tells an operator that a client wrote: the title and the picture of the tab, a sound, a note of the browser. */
class Notifications {
  /** Of every project, whatever the lists show. */
  readonly counts = new Counts();
  /** As the browser says; asked again whenever somebody looks. */
  permission = $state<NotificationPermission>('default');
  private readonly shown = new Map<string, Notification>();
  private tabs: Tabs | null = null;
  private calmIcon: string | null = null;

  get unread(): number {
    return this.counts.value?.unread ?? 0;
  }
  get isQuiet(): boolean {
    return prefs.quietUntil > clock.now;
  }
  /** Switched on, and the browser agrees. */
  get isOn(): boolean {
    return prefs.notifications && this.permission === 'granted';
  }

  start(): () => void {
    this.look();
    this.tabs = new Tabs((id) => isInSight(id));
    const forget = live.follow('notifications', (event) => void this.hear(event));
    return () => {
      forget();
      this.counts.value = null;
      this.paint();
      this.tabs?.stop();
      for (const id of this.shown.keys()) this.close(id);
    };
  }

  look() {
    this.permission = 'Notification' in window ? Notification.permission : 'denied';
  }

  /** Switches the notes of the browser; answers false where the browser refuses. */
  async set(on: boolean): Promise<boolean> {
    if (on && this.permission === 'default') await Notification.requestPermission();
    this.look();
    prefs.setNotifications(on && this.permission === 'granted');
    return !on || this.permission === 'granted';
  }

  /** The tab says it without a sound. */
  paint() {
    const icon = document.querySelector<HTMLLinkElement>('link[rel=icon]');
    // As the page came: without a request.
    this.calmIcon ??= icon?.href ?? ICON;
    const wanted = this.unread > 0 ? ICON_UNREAD : this.calmIcon;
    if (icon && !icon.href.endsWith(wanted)) icon.href = wanted;
    const title = withCount(document.title, this.unread);
    if (title !== document.title) document.title = title;
    // Some browsers have no badges, and some refuse them to a page that is not installed.
    void navigator.setAppBadge?.(this.unread).catch(() => {});
  }

  private async hear(event: HeardBy<'notifications'>) {
    const { data } = event;
    if (event.kind === 'conversation.read') {
      if ('user_id' in data && data.user_id === session.user.id) this.close(data.conversation_id);
      return;
    }
    if (!('author' in data) || this.isQuiet) return;
    // What was put off is as good as a word of the client's when its time has come.
    const isWoken = data.content.event?.code === 'conversation.woken';
    const isNamed = data.content.mentions?.includes(session.user.id) && data.author.id !== session.user.id;
    if (data.author.kind !== 'client' && !isWoken && !isNamed) return;
    const id = data.conversation_id;
    if (!(await this.tabs?.mayTell(id))) return;
    const conversation = await api
      .get<Conversation>(`/projects/${event.project_id}/conversations/${id}`)
      .catch(() => null);
    // A note that names one is one's business, whoever has the conversation.
    // Demo data are a story that is being told.
    if (!conversation || conversation.demo || !(isNamed || concerns(conversation, session.user.id))) return;
    if (!isNamed && !(await isOfOurs(conversation))) return;
    play();
    if (this.isOn && !document.hasFocus())
      this.show(conversation, isWoken ? m.event_woken() : data.content.text);
  }

  /** One of a conversation: a later one takes its place. */
  private show({ id, contact }: Conversation, text: string) {
    const body = text || m.file();
    const note = new Notification(titleOf(contact), { body, tag: id, icon: ICON, silent: true });
    note.onclick = () => {
      window.focus();
      void goto(`/inbox/${id}`);
      note.close();
    };
    note.onclose = () => {
      if (this.shown.get(id) === note) this.shown.delete(id);
    };
    this.shown.set(id, note);
  }

  private close(id: string) {
    void push.close(id).catch(() => {});
    this.shown.get(id)?.close();
    this.shown.delete(id);
  }
}

/** The name; of a client who may be taken for a colleague, with the word that the chat has beside it. */
function titleOf(contact: Conversation['contact']): string {
  const name = contactName(contact);
  return contact.looks_like ? `${name} (${m.not_staff().toLowerCase()})` : name;
}

/** Where the project says so, what waits in a department is its people's, unless nobody works there. */
async function isOfOurs({ project_id, department_id, assignee_id }: Conversation): Promise<boolean> {
  if (!department_id || assignee_id || !session.project(project_id)?.told_by_department) return true;
  const all = await api.all<Department>(`/projects/${project_id}/departments`).catch(() => []);
  return isTold(
    all.find(({ id }) => id === department_id),
    session.user.id,
  );
}

const isInSight = (id: string) => page.params.conversationId === id && document.hasFocus();

export const notifications = new Notifications();
