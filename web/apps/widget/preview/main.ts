/**
 * The desk's preview of a site's chat: a page of an invented shop, and on it the very widget that sites get. It reaches
 * no server: the answers are made here of what the desk has posted.
 */
import type { Config, Locale } from '../src/contract';
import { answersOf } from './answers';
import { FakeLine } from './line';
import { standIn } from './standIn';

/** What the desk posts, anew with every edit. */
interface Shown {
  type: 'otklik-preview';
  config: Config;
  locale: Locale;
  theme: 'light' | 'dark';
  online: boolean;
  isOpen: boolean;
  /** The menu button that is being edited, if any. */
  chosen?: string | null;
}

type Chat = (verb: 'open' | 'close' | 'reload') => void;
const page = window as unknown as { Chat: Chat & { q?: IArguments[] } };

const RING_MS = 300;
const RING = '0 0 0 2px #fff, 0 0 0 4px #5b5bd6';

let ringing: ReturnType<typeof setInterval> | undefined;
let shown: Shown;
let drawn = '';

standIn();
window.fetch = answersOf(() => configOf(shown));
window.WebSocket = class extends FakeLine {
  constructor() {
    super(shown.online);
  }
} as unknown as typeof WebSocket;

addEventListener('message', ({ source, data }: MessageEvent<Shown | undefined>) => {
  if (source === parent && data?.type === 'otklik-preview') show(data);
});
parent.postMessage({ type: 'otklik-preview-ready' }, '*');

function show(next: Shown) {
  const { isOpen, chosen, ...rest } = next;
  const wanted = JSON.stringify(rest);
  const isFirst = !shown;
  const isSame = wanted === drawn;
  shown = next;
  drawn = wanted;
  speak(next.locale);
  if (isFirst) install();
  else if (!isSame) renew();
  page.Chat(isOpen ? 'open' : 'close');
  ring(chosen ?? null);
}

/** As the site would be told it, for the visitor whom the desk imagines. */
function configOf({ config, theme, online }: Shown): Config {
  const { appearance } = config;
  const wanted = appearance.theme ?? 'auto';
  return {
    ...config,
    operators_online: online,
    rules: false,
    appearance: {
      ...appearance,
      theme: wanted === 'auto' ? theme : wanted,
      // The address of this page says nothing about the site's own.
      hidden: { devices: appearance.hidden?.devices ?? [], pages: [] },
    },
  };
}

/** The snippet of any site: calls wait for the script. */
function install() {
  page.Chat ??= function () {
    // eslint-disable-next-line prefer-rest-params
    (page.Chat.q ??= []).push(arguments);
  };
  const script = document.createElement('script');
  script.src = '/w.js?p=preview';
  document.head.append(script);
}

/** An edit is no opening: the panel that is drawn anew does not come gliding. */
function renew() {
  page.Chat('reload');
  const still = new CSSStyleSheet();
  still.replaceSync('.panel{animation:none!important}');
  document.querySelector('otklik-chat')?.shadowRoot?.adoptedStyleSheets.push(still);
}

/** Rings the menu button that is being edited: it is found by what it says, as the widget draws it anew when it likes. */
function ring(chosen: string | null) {
  clearInterval(ringing);
  draw();
  ringing = setInterval(draw, RING_MS);

  function draw() {
    const button = shown.config.menu_buttons?.find(({ id }) => id === chosen);
    const label = button && ((shown.locale === 'en' && button.label.en) || button.label.ru);
    const pills = document
      .querySelector('otklik-chat')
      ?.shadowRoot?.querySelectorAll<HTMLElement>('.menu .pill');
    for (const pill of pills ?? []) {
      const isChosen = button !== undefined && pill.title === label;
      pill.style.boxShadow = isChosen ? RING : '';
    }
  }
}

/** The shop itself, in the language of its visitor. */
function speak(locale: Locale) {
  document.documentElement.lang = locale;
  for (const node of document.querySelectorAll<HTMLElement>('[data-en]')) {
    node.dataset.ru ??= node.textContent;
    node.textContent = node.dataset[locale]!;
  }
}
