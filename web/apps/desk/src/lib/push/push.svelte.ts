import type { Answer, Schemas } from '@otklik/api';
import { WORKER } from '$lib/shared/offline.svelte';
import { api } from '$lib/shared/api';
import { Resource } from '$lib/shared/resource.svelte';

export type PushSubscriptionInfo = Answer<Schemas['PushSubscription']>;
type PushKey = Answer<Schemas['PushKey']>;
type PushTest = Answer<Schemas['PushTest']>;

const PATH = '/push-subscriptions';
/** Which of the server's subscriptions is this browser's. */
const OWN = 'otklik.push_id';

/** Why this browser cannot be told. */
export type Obstacle = 'unsupported' | 'denied' | null;

/** Notes on devices where no page is open: this browser's, and a list of the others. */
class Push {
  readonly list = new Resource(() => api.all<PushSubscriptionInfo>(PATH));
  private ownId = $state<string | null>(null);

  get obstacle(): Obstacle {
    if (!('serviceWorker' in navigator) || !('PushManager' in globalThis)) return 'unsupported';
    return Notification.permission === 'denied' ? 'denied' : null;
  }

  /** What the server knows of this browser; null while it is told nothing. */
  get own(): PushSubscriptionInfo | null {
    return this.list.data?.find(({ id }) => id === this.ownId) ?? null;
  }

  async start() {
    this.ownId = localStorage.getItem(OWN);
    await this.list.load();
  }

  /** Throws what the browser or the server says when one of them refuses. */
  async turnOn() {
    if ((await Notification.requestPermission()) !== 'granted') throw new Error('refused');
    const registration = await navigator.serviceWorker.register(WORKER);
    await navigator.serviceWorker.ready;
    const { public_key } = await api.get<PushKey>('/push-key');
    const standing = await registration.pushManager.getSubscription();
    // One that was made with another key of the server is of no use.
    await standing?.unsubscribe();
    const made = await registration.pushManager.subscribe({
      userVisibleOnly: true,
      applicationServerKey: public_key,
    });
    const { endpoint, keys } = made.toJSON();
    const kept = await api.post<PushSubscriptionInfo>(PATH, { endpoint, keys });
    this.remember(kept.id);
    await this.list.load();
  }

  async turnOff(subscription: PushSubscriptionInfo) {
    const isOwn = subscription.id === this.ownId;
    try {
      await api.delete(`${PATH}/${subscription.id}`);
      if (isOwn) {
        const registration = await navigator.serviceWorker.getRegistration(WORKER);
        await (await registration?.pushManager.getSubscription())?.unsubscribe();
        this.remember(null);
      }
    } finally {
      await this.list.load();
    }
  }

  test(subscription: PushSubscriptionInfo): Promise<PushTest> {
    return api.post<PushTest>(`${PATH}/${subscription.id}/test`);
  }

  /** A while of quiet holds on this device, too, when no page is open. */
  async keepQuiet(until: number) {
    const id = localStorage.getItem(OWN);
    if (!id) return;
    const quiet_until = until > Date.now() ? new Date(until).toISOString() : null;
    await api.patch(`${PATH}/${id}`, { quiet_until });
  }

  /** What was read on any device needs no note on this one. */
  async close(conversationId: string) {
    if (!localStorage.getItem(OWN)) return;
    const registration = await navigator.serviceWorker?.getRegistration(WORKER);
    const notes = await registration?.getNotifications({ tag: conversationId });
    notes?.forEach((note) => note.close());
  }

  private remember(id: string | null) {
    this.ownId = id;
    if (id) localStorage.setItem(OWN, id);
    else localStorage.removeItem(OWN);
  }
}

export const push = new Push();
