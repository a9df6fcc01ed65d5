import type { Config, Locale } from '../contract';
import type { Core, Ears, Launcher, Parts, Setup, Shell } from '../shell';
import { Events, type Listener } from './events';
import { createLauncher, ownCss, type DrawnLauncher } from './launcher';
import css from './launcher.css?inline';
import { openStore } from './store';
import { pickLocale } from './words';

/** How the names of all the later scripts end, with one hash of them; the build fills it in. */
declare const __BUILD__: string;

type Call = ArrayLike<unknown>;
type Global = ((...call: unknown[]) => unknown) & { q?: Call[] };
type Made = { update?(): unknown; destroy?(): void } | undefined;

const HOST_TAG = 'otklik-chat';
/** Where a site of the source product wants the chat to stand. */
const CONTAINER = 'onlineSupportContainer';
/** A page that calls more often in one second has lost its way. */
const MOST_CALLS = 500;
/** Of these the last word counts, however many there are: they are put together, not dropped. */
const MERGED = /Fields|Client|Tags|page/;

export function boot(script: HTMLScriptElement) {
  // A page may carry the snippet twice, by hand and by a tag manager: one widget is enough.
  if (document.querySelector(HOST_TAG)) return;
  const page = window as unknown as Record<string, Global | undefined>;
  const address = new URL(script.src);
  const key = address.searchParams.get('p') ?? address.searchParams.get('h') ?? '';
  const named = script.dataset.name ?? (page.supportAPIMethod as unknown as string | undefined);
  const name = named ?? (address.pathname.endsWith('support.js') ? 'TalkMe' : 'Chat');
  const setup = page[name + 'Setup'] as Setup | undefined;
  const widget = new Widget(address.origin, key, setup, () => {
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
  store: Record<string, string>;
  readonly root: ShadowRoot;
  config!: Config;
  locale: Locale = 'en';
  isOpen = false;
  isHeld: boolean;
  isOut = false;
  isEmbedded = false;
  ears: Ears | undefined = [];

  readonly #host = document.createElement(HOST_TAG);
  readonly #events = new Events();
  readonly #sheets: [CSSStyleSheet, string][] = [];
  readonly #watch = new MutationObserver(() => this.#look());
  unread = 0;
  /** What the page has said about the launcher. */
  #isHidden: boolean | undefined;
  #burst = 0;
  #isFlooded = false;
  isGone = false;
  #launcher: DrawnLauncher | undefined;
  readonly #parts: { [name in keyof Parts]?: Promise<Parts[name]> } = {};
  #ready!: () => void;
  /** Nothing is shown or loaded before the configuration is here. */
  readonly #configured = new Promise<void>((resolve) => (this.#ready = resolve));

  constructor(
    readonly origin: string,
    readonly key: string,
    readonly setup: Setup = {},
    private readonly reload: () => void,
  ) {
    this.prefix = `otklik:${key}:`;
    this.isHeld = /pending|denied/.test(setup.consent!);
    this.store = this.isHeld ? {} : openStore(this.prefix);
    this.root = this.#host.attachShadow({ mode: 'open' });
    // Beside the body, not in it: frameworks replace the body, and a modal panel makes it inert.
    document.documentElement.append(this.#host);
  }

  start(calls: Call[]) {
    for (const call of calls) this.call([...Array.from(call)]);
    whenIdle(() => void this.#load(2000));
  }

  call([verb, ...args]: unknown[]): unknown {
    if (this.isGone) return;
    if (!this.#burst++) setTimeout(() => (this.#burst = 0), 1000);
    if (this.#burst <= MOST_CALLS) this.ears?.push([verb, args[0]]);
    else if (!MERGED.test(String(verb))) {
      if (!this.#isFlooded) console.warn('Otklik: too many calls');
      this.#isFlooded = true;
      return;
    }
    const own = this.#verbs[verb as string];
    return own ? own(...(args as never[])) : void this.#ask(verb, args);
  }

  #ask(verb: unknown, args: unknown[]): Promise<unknown> {
    return this.part('calls').then((calls) => calls.call(String(verb), args));
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
      void this.part('extras').then((extras) => extras.place(left, top)),
    setLocale: (locale: Locale) => {
      this.setup.language = locale;
      this.render();
    },
    get: (what: string) => this.#ask('get', [what]),
    reload: () => this.reload(),
    destroy: () => this.destroy(),
  };

  async #load(delay: number) {
    if (this.isGone) return;
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
    if (this.isGone) return;
    const { appearance, menu_buttons, telegram } = this.config;
    const { hidden, icon = 'mark', menu } = appearance;
    this.adopt(css + ownCss(this.config));
    this.#launcher = createLauncher(this.root, this.config);
    // Another picture, or a place where it is not shown: not before that is known.
    this.isOut = icon !== 'mark' || Boolean(hidden?.pages.length || hidden?.devices.length);
    const { fab } = this.#launcher;
    fab.onclick = () => this.#toggle();
    // The visitor is about to open: a good moment to fetch the panel.
    fab.onpointerenter = fab.onfocus = () => this.#withPanel();
    this.render();
    this.#ready();
    this.emit('ready');
    if (this.isOut || telegram || (menu === 'always' && menu_buttons?.length)) {
      this.part('extras').catch(() => {
        this.isOut = false;
        this.render();
      });
    }
    this.#watch.observe(document, { childList: true, subtree: true });
    this.#look();
    this.begin();
  }

  /** The place for the chat may come, and go, with any change of the page. */
  #look() {
    if (!(this.setup.container ?? document.getElementById(CONTAINER))) return;
    this.#watch.disconnect();
    void this.part('extras');
  }

  begin() {
    if (this.isHeld) return;
    const { rules, visitors } = this.config;
    // The page's own work goes first.
    const load = () =>
      whenIdle(() => {
        if (rules) void this.part('rules');
        if (visitors) void this.part('presence');
      });
    if (document.readyState === 'complete') load();
    else addEventListener('load', load);
    if (!rules) this.ears = undefined;
    // Somebody who has written before may have an answer waiting.
    if (this.store[this.prefix + 'visitor']) void this.withCore((core) => core.connect());
  }

  render() {
    this.locale = pickLocale(
      this.setup.language ? 'auto' : (this.config?.appearance.locale ?? 'auto'),
      this.setup.language,
    );
    this.#launcher?.update(this.locale, this.isOpen, this.unread, this.#isHidden ?? this.isOut);
    this.#each((part) => part?.update?.());
  }

  part<K extends keyof Parts>(name: K): Promise<Parts[K]> {
    const path = this.origin + '/w/' + name + __BUILD__;
    const load = () =>
      this.#configured
        .then(() => import(/* @vite-ignore */ path))
        .then((module) => (module as { create(shell: Shell): Parts[K] }).create(this));
    const part = (this.#parts[name] ??= load() as never) as unknown as Promise<Parts[K]>;
    // A lost connection while fetching a script must not leave a dead button.
    part.catch(() => delete this.#parts[name]);
    return part;
  }

  #each(act: (part: Made) => void) {
    for (const part of Object.values(this.#parts)) (part as Promise<Made>).then(act, () => {});
  }

  withCore<T>(use: (core: Core) => T | Promise<T>): Promise<T> {
    return this.part('core').then(use);
  }

  #withPanel() {
    void this.part('core');
    // Whatever of it does not come, the launcher stays and may be pressed again.
    return this.part('panel').then(
      (panel) => (this.isOpen ? panel : null),
      () => null,
    );
  }

  // A panel opened by a rule of the page, without a visitor's hand, never takes the focus.
  open(takesFocus = navigator.userActivation?.isActive ?? true) {
    if (this.isOpen) return;
    this.isOpen = true;
    this.render();
    void this.#withPanel().then((panel) => panel?.show(takesFocus));
    this.emit('open');
  }

  close() {
    if (!this.isOpen || this.isEmbedded) return;
    this.isOpen = false;
    this.render();
    void this.#parts.panel?.then((panel) => this.isOpen || panel.hide());
    this.emit('close');
  }

  #toggle() {
    if (this.isOpen) this.close();
    else this.open();
  }

  #hide(isHidden: boolean) {
    this.#isHidden = isHidden;
    this.render();
  }

  adopt(css: string) {
    const sheet = new CSSStyleSheet();
    this.#sheets.push([sheet, css]);
    this.root.adoptedStyleSheets.push(sheet);
    this.dress();
  }

  dress() {
    const theme = this.setup.theme ?? this.config.appearance.theme ?? 'auto';
    for (const [sheet, css] of this.#sheets) {
      const forced = css.replace(/\(prefers-color-scheme: ?dark\)/g, theme === 'dark' ? 'all' : 'not all');
      sheet.replaceSync(theme === 'auto' ? css : forced.replace('light dark', theme));
    }
  }

  emit(event: string, data?: unknown) {
    this.ears?.push([event, data]);
    this.#events.emit(event, data);
  }

  get launcher(): Launcher {
    return this.#launcher!;
  }

  setUnread(count: number) {
    if (count === this.unread) return;
    this.unread = count;
    this.render();
    this.emit('unread', count);
  }

  destroy() {
    this.emit('destroy');
    this.isGone = true;
    this.#watch.disconnect();
    this.isOpen = false;
    this.#each((part) => part?.destroy?.());
    this.#host.remove();
  }
}

function whenIdle(act: () => void) {
  // Safari has no idle callback; what is no number is no delay.
  (window.requestIdleCallback ?? setTimeout)(act, { timeout: 1500 } as never);
}
