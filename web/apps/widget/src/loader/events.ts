export type Listener = (data?: unknown) => void;

/** Event names of the source product, for sites that move over. */
const ALIASES: Record<string, string> = {
  openSupport: 'open',
  closeSupport: 'close',
  clientSendMessage: 'send',
  operatorSendMessage: 'message',
  contactsUpdated: 'contacts',
  fullyLoaded: 'ready',
  linkPressed: 'link',
  clientMakeSubscribe: 'form',
  sendRate: 'rate',
};

/** These happen once: whoever asks later is told at once. */
const STICKY = ['ready', 'clientId'];

export class Events {
  #listeners: [string, Listener][] = [];
  readonly #past = new Map<string, unknown>();

  on(name: string, listener: Listener) {
    const event = ALIASES[name] ?? name;
    this.#listeners.push([event, listener]);
    if (this.#past.has(event)) listener(this.#past.get(event));
  }

  off(name: string, listener?: Listener) {
    const event = ALIASES[name] ?? name;
    this.#listeners = this.#listeners.filter(
      ([known, fn]) => known !== event || (listener && listener !== fn),
    );
  }

  emit(event: string, data?: unknown) {
    if (STICKY.includes(event)) this.#past.set(event, data);
    for (const [known, listener] of this.#listeners) {
      // A fault in the page's callback must not stop the widget, but must reach the page's own error report.
      if (known === event) queueMicrotask(() => listener(data));
    }
  }
}
