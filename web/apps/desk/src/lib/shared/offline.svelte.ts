import { ANSWERS, isRead, keepAnswer, keptAnswer } from './keptAnswers';

export const WORKER = '/service-worker.js';
const CHOICE = 'otklik.keep_offline';

/** Reading without a network: the desk's files are kept by its worker, what was read by the page; all of it goes with the session. */
class Offline {
  isOn = $state(false);
  /** When the oldest of what is on the screen was true; null while everything came from the server. */
  shownFrom = $state<number | null>(null);
  private sessions = 0;

  get isPossible(): boolean {
    return 'serviceWorker' in navigator && 'caches' in globalThis;
  }

  /** An installed desk is read without a network unless somebody said no; in a browser somebody has to say yes. */
  start() {
    const choice = localStorage.getItem(CHOICE);
    const isWanted = choice === null ? matchMedia('(display-mode: standalone)').matches : choice === 'on';
    if (isWanted && this.isPossible) void this.keep(true).catch(() => {});
  }

  /** Throws when the worker or the disk refuses. */
  async set(on: boolean) {
    await this.keep(on);
    localStorage.setItem(CHOICE, on ? 'on' : 'off');
  }

  /** Whoever comes next reads nothing of this. */
  async forget() {
    this.shownFrom = null;
    this.sessions += 1;
    if (this.isPossible) await caches.delete(ANSWERS);
  }

  /** Everything on the screen is the server's again. */
  renewed() {
    this.shownFrom = null;
  }

  /** `fetch`, with what was answered before where nobody answers. */
  readonly fetch: typeof fetch = async (input, init) => {
    const path = typeof input === 'string' ? input : '';
    const isKept = this.isOn && init?.method === 'GET' && isRead(path);
    if (!isKept) return fetch(input, init);
    const asked = this.sessions;
    try {
      const answer = await fetch(input, init);
      // One that comes after its session has ended is nobody's to keep.
      if (answer.ok && asked === this.sessions) void keepAnswer(path, answer.clone(), Date.now());
      return answer;
    } catch (error) {
      const kept = init?.signal?.aborted ? null : await keptAnswer(path, Date.now());
      if (!kept) throw error;
      this.shownFrom = Math.min(this.shownFrom ?? kept.at, kept.at);
      return kept.answer;
    }
  };

  private async keep(on: boolean) {
    // Before the worker is there, too: the first page of a session is to be kept.
    if (on) this.isOn = true;
    try {
      const registration = on
        ? await navigator.serviceWorker.register(WORKER)
        : await navigator.serviceWorker.getRegistration(WORKER);
      if (on) await navigator.serviceWorker.ready;
      const worker = registration?.active;
      if (worker) await told(worker, { keep: on });
      this.isOn = on;
    } catch (error) {
      this.isOn = false;
      throw error;
    }
    if (!on) await this.forget();
  }
}

/** Until it says that it has done so. */
function told(worker: ServiceWorker, wish: object): Promise<void> {
  return new Promise((resolve, reject) => {
    const { port1, port2 } = new MessageChannel();
    const late = setTimeout(() => reject(new Error('late')), 60_000);
    port1.onmessage = () => {
      clearTimeout(late);
      resolve();
    };
    worker.postMessage(wish, [port2]);
  });
}

export const offline = new Offline();
