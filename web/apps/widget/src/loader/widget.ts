import type { Config, Locale } from '../contract';
import type { Core, CoreModule, Panel, PanelModule, Pill, Shell } from '../shell';
import { Events, type Listener } from './events';
import { createLauncher, type Launcher } from './launcher';
import { openStore } from './store';
import { pickLocale } from './words';

/** Addresses of the two later scripts, with their hashes; the build fills them in. */
declare const __CORE__: string;
declare const __PANEL__: string;

type Call = ArrayLike<unknown>;
type Global = ((...call: unknown[]) => unknown) & { q?: Call[] };

const HOST_TAG = 'otklik-chat';

export function boot(script: HTMLScriptElement) {
  // A page may carry the snippet twice, by hand and by a tag manager: one widget is enough.
  if (document.querySelector(HOST_TAG)) return;
  const page = window as unknown as Record<string, Global | undefined>;
  const address = new URL(script.src);
  const key = address.searchParams.get('p') ?? address.searchParams.get('h') ?? '';
  const named = script.dataset.name ?? (page.supportAPIMethod as unknown as string | undefined);
  const name = named ?? (address.pathname.endsWith('support.js') ? 'TalkMe' : 'Chat');
  const widget = new Widget(address.origin, key, page[name + 'Setup'] as Shell['setup'] | undefined, () => {
    widget.destroy();
    boot(script);
  });

  const calls: Call[] = [];
  const api: Global = (...call) => widget.call(call);
  const former = page[name];
  for (const global of [name, 'TalkMe']) {
    const known = page[global];
    // The alias gives way to anything that is not a waiting queue: it may be the product the site moves from.
    if (global !== name && known && known !== former && !known.q) continue;
    calls.push(...(known?.q ?? []));
    page[global] = api;
  }
  widget.start(calls);
}

class Widget implements Shell {
  readonly prefix: string;
  readonly store: Record<string, string>;
  readonly root: ShadowRoot;
  config!: Config;
  locale: Locale = 'en';
  isOpen = false;

  readonly #host = document.createElement(HOST_TAG);
  readonly #events = new Events();
  #unread = 0;
  #isHidden = false;
  #isGone = false;
  #launcher: Launcher | undefined;
  #core: Promise<Core> | undefined;
  #panel: Promise<Panel> | undefined;
  #ready!: () => void;
  /** Nothing is shown or loaded before the configuration is here. */
  readonly #configured = new Promise<void>((resolve) => (this.#ready = resolve));

  constructor(
    readonly origin: string,
    readonly key: string,
    readonly setup: Shell['setup'] = {},
    private readonly reload: () => void,
  ) {
    this.prefix = `otklik:${key}:`;
    this.store = openStore(this.prefix);
    this.root = this.#host.attachShadow({ mode: 'open' });
    // Beside the body, not in it: frameworks replace the body, and a modal panel makes it inert.
    document.documentElement.append(this.#host);
  }

  start(calls: Call[]) {
    for (const call of calls) this.call([...Array.from(call)]);
    const load = () => void this.#load(2000);
    // Safari has no idle callback.
    if ('requestIdleCallback' in window) requestIdleCallback(load, { timeout: 1500 });
    else setTimeout(load);
  }

  call([verb, ...args]: unknown[]): unknown {
    if (this.#isGone) return;
    const own = this.#verbs[verb as string];
    return own ? own(...(args as never[])) : void this.#withCore((core) => core.call(String(verb), args));
  }

  readonly #verbs: Record<string, (...args: never[]) => unknown> = {
    // @ts-expect-error An object literal may name its prototype; without one, no inherited name is a verb.
    __proto__: null,
    open: () => this.open(),
    openSupport: () => this.open(),
    close: () => this.close(),
    closeSupport: () => this.close(),
    toggle: () => this.#toggle(),
    show: () => this.#hide(false),
    hideTrigger: () => this.#hide(true),
    hide: () => {
      this.close();
      this.#hide(true);
    },
    on: (event: string, listener: Listener) => this.#events.on(event, listener),
    setCallback: (event: string, listener: Listener) => this.#events.on(event, listener),
    off: (event: string, listener?: Listener) => this.#events.off(event, listener),
    setPosition: (left: number, top: number) =>
      void this.#configured.then(() => this.#launcher?.place(left, top)),
    setLocale: (locale: Locale) => {
      this.setup.language = locale;
      this.#render();
      void this.#panel?.then((panel) => panel.update());
      void this.#core?.then((core) => core.drawMenu());
    },
    get: (what: string) =>
      what === 'unread' || what === 'state'
        ? Promise.resolve(what === 'state' ? { open: this.isOpen, unread: this.#unread } : this.#unread)
        : this.#withCore((core) => core.call('get', [what])),
    reload: () => this.reload(),
    destroy: () => this.destroy(),
  };

  async #load(delay: number) {
    if (this.#isGone) return;
    try {
      const answer = await fetch(`${this.origin}/w/v1/config?p=${encodeURIComponent(this.key)}`, {
        credentials: 'omit',
      });
      if (answer.status < 500 && !answer.ok) return console.warn('Otklik: site key refused', answer.status);
      this.config = (await answer.json()) as Config;
    } catch {
      // No network or a server being restarted: a visitor who stays on the page gets the widget later.
      if (delay < 6e4) setTimeout(() => this.#load(delay * 2), delay);
      return;
    }
    if (this.#isGone) return;
    this.#launcher = createLauncher(this.root, this.config, {
      toggle: () => this.#toggle(),
      near: () => void this.#withPanel(() => {}),
      telegram: () => this.telegram(),
    });
    this.#render();
    this.#ready();
    this.#events.emit('ready');
    if (this.config.appearance.menu === 'always' && this.config.menu_buttons?.length) {
      void this.#withCore(() => {});
    }
    // Somebody who has written before may have an answer waiting.
    if (this.store[this.prefix + 'visitor']) void this.#withCore((core) => core.connect());
  }

  #render() {
    this.locale = pickLocale(
      this.setup.language ? 'auto' : (this.config?.appearance.locale ?? 'auto'),
      this.setup.language,
    );
    this.#launcher?.update(this.locale, this.isOpen, this.#unread, this.#isHidden);
  }

  #withCore<T>(use: (core: Core) => T | Promise<T>): Promise<T> {
    this.#core ??= this.#configured
      .then(() => import(/* @vite-ignore */ this.origin + __CORE__) as Promise<CoreModule>)
      .then((module) => module.createCore(this));
    // A lost connection while fetching a script must not leave a dead button.
    this.#core.catch(() => (this.#core = undefined));
    return this.#core.then(use);
  }

  #withPanel(use: (panel: Panel) => void): Promise<void> {
    this.#panel ??= this.#configured
      .then(() =>
        Promise.all([
          import(/* @vite-ignore */ this.origin + __PANEL__) as Promise<PanelModule>,
          this.#withCore((core) => core),
        ]),
      )
      .then(([module, core]) => module.createPanel(this, core));
    this.#panel.catch(() => (this.#panel = undefined));
    return this.#panel.then(use, () => {});
  }

  open() {
    if (this.isOpen) return;
    this.isOpen = true;
    // A panel opened by a rule of the page, without a visitor's hand, never takes the focus.
    const takesFocus = navigator.userActivation?.isActive ?? true;
    this.#render();
    void this.#withPanel((panel) => this.isOpen && panel.show(takesFocus));
    this.#events.emit('open');
  }

  close() {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.#render();
    void this.#withPanel((panel) => panel.hide());
    this.#events.emit('close');
  }

  #toggle() {
    if (this.isOpen) this.close();
    else this.open();
  }

  #hide(isHidden: boolean) {
    this.#isHidden = isHidden;
    this.#render();
  }

  telegram() {
    // The window is opened in the click itself, or the browser would take it for an advertisement.
    const tab = window.open('about:blank', '_blank');
    if (tab) tab.opener = null;
    void this.#withCore((core) => core.telegramUrl())
      .catch(() => this.config.telegram!.url)
      .then((url) => (tab ?? window).location.replace(url));
  }

  emit(event: string, data?: unknown) {
    this.#events.emit(event, data);
  }

  get menu(): HTMLElement {
    return this.#launcher!.menu;
  }

  drawMenu(pills: Pill[]) {
    this.#launcher!.drawMenu(pills);
  }

  homeMenu() {
    this.#launcher!.homeMenu();
  }

  setUnread(count: number) {
    if (count === this.#unread) return;
    this.#unread = count;
    this.#render();
    this.#events.emit('unread', count);
  }

  destroy() {
    this.#isGone = true;
    this.isOpen = false;
    void this.#panel?.then((panel) => panel.destroy());
    void this.#core?.then((core) => core.destroy());
    this.#host.remove();
  }
}
