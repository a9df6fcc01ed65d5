import { labelOf } from '../labels';
import { element, icon } from '../loader/elements';
import type { Shell } from '../shell';
import type { Suggest } from './contract';
import css from './rules.css?inline';
import { wordsOf } from './words';

const CROSS = 'M18 6 6 18M6 6l12 12';

/** What stands on the page now, and of which auto-action. */
export interface Scene {
  rule: string;
  suggests?: Suggest[];
  message?: string;
}

export interface Presses {
  suggest(suggest: Suggest): void;
  message(): void;
}

/** Draws suggests and a message: above the launcher, or suggests above the composer while the panel is open. */
export class Stage {
  scene: Scene | null = null;
  readonly #box = element('div', { class: 'hints' });
  #asks: HTMLElement | null = null;
  #shelfWatch: MutationObserver | undefined;

  constructor(
    private readonly shell: Shell,
    private readonly presses: Presses,
    signal: AbortSignal,
  ) {
    shell.adopt(css);
    shell.launcher.bar.prepend(this.#box);
    this.#box.onkeydown = (event) => {
      if (event.key !== 'Escape') return;
      event.stopPropagation();
      this.clear();
    };
    // Whoever goes through the page by keys must see where they are.
    document.addEventListener('focusin', () => this.#giveWay(), { signal, passive: true });
    signal.addEventListener('abort', () => {
      this.clear();
      this.#box.remove();
    });
  }

  /** The launcher was hidden by the page: nothing can be drawn beside it. */
  get isHidden(): boolean {
    return !this.shell.isOpen && this.shell.launcher.bar.hidden;
  }

  show(scene: Scene) {
    this.clear();
    this.scene = scene;
    this.draw();
  }

  /** Anew: in another language, or in another place. */
  draw() {
    const hadFocus = this.#hasFocus;
    this.#remove();
    const { scene, shell } = this;
    if (!scene) return;
    const words = wordsOf(shell.locale);
    if (scene.message && !shell.isOpen) this.#box.append(this.#teaser(scene.message));
    if (scene.suggests?.length) {
      const buttons = scene.suggests.map((suggest) => this.#ask(suggest));
      const hush = this.#hush(words.hideSuggests, () => this.clear());
      this.#asks = element(
        'div',
        { class: 'asks', role: 'group', 'aria-label': words.suggests },
        ...buttons,
        hush,
      );
      this.#box.append(this.#asks);
      if (shell.isOpen) this.#toShelf(this.#asks);
    }
    if (hadFocus) this.#returnFocus();
    this.#giveWay();
  }

  /** The message stands in the thread now, suggests above the composer. */
  opened() {
    if (this.scene) this.scene.message = undefined;
    this.draw();
  }

  clear() {
    const hadFocus = this.#hasFocus;
    this.scene = null;
    this.#remove();
    if (hadFocus) this.#returnFocus();
  }

  #remove() {
    this.#shelfWatch?.disconnect();
    this.#asks?.remove();
    this.#asks = null;
    this.#box.replaceChildren();
  }

  #ask(suggest: Suggest): HTMLElement {
    const { locale } = this.shell;
    const label = labelOf(suggest, locale);
    const { kind, url, new_tab } = suggest.target;
    const href = kind === 'link' && url && /^(https?|mailto|tel):/i.test(url) ? url : undefined;
    const ask = href
      ? element('a', { href, ...(new_tab && { target: '_blank', rel: 'noreferrer' }) })
      : element('button', { type: 'button' });
    ask.className = 'ask';
    ask.title = label;
    ask.append(label);
    if (href && new_tab) ask.append(element('span', { class: 'said' }, ` (${wordsOf(locale).newTab})`));
    ask.onclick = () => this.presses.suggest(suggest);
    return ask;
  }

  #teaser(text: string): HTMLElement {
    const words = wordsOf(this.shell.locale);
    const tell = element('button', { class: 'tell', type: 'button' }, element('span', {}, text));
    tell.onclick = () => this.presses.message();
    const hush = this.#hush(words.hideMessage, () => {
      this.scene!.message = undefined;
      this.draw();
    });
    return element('div', { class: 'teaser', role: 'group', 'aria-label': words.message }, tell, hush);
  }

  #hush(label: string, press: () => void): HTMLElement {
    const hush = element(
      'button',
      { class: 'hush', type: 'button', 'aria-label': label, title: label },
      icon(CROSS),
    );
    hush.onclick = press;
    return hush;
  }

  /** The panel comes some time after it was opened. */
  #toShelf(asks: HTMLElement) {
    const { root } = this.shell;
    const move = () => {
      const shelf = root.querySelector('.shelf');
      shelf?.append(asks);
      return shelf;
    };
    if (move()) return;
    asks.hidden = true;
    this.#shelfWatch = new MutationObserver(() => {
      if (!move()) return;
      asks.hidden = false;
      this.#shelfWatch!.disconnect();
    });
    this.#shelfWatch.observe(root, { childList: true, subtree: true });
  }

  /** What has the page's focus is never covered. */
  #giveWay() {
    const { activeElement, body } = document;
    this.#box.classList.remove('behind');
    if (
      !this.#box.firstChild ||
      !activeElement ||
      activeElement === body ||
      activeElement === this.shell.root.host
    )
      return;
    const mine = this.#box.getBoundingClientRect();
    const theirs = activeElement.getBoundingClientRect();
    // A whole page that has it, as routers do, is no place that somebody looks for.
    const covers =
      theirs.height < innerHeight / 2 &&
      mine.left < theirs.right &&
      theirs.left < mine.right &&
      mine.top < theirs.bottom &&
      theirs.top < mine.bottom;
    this.#box.classList.toggle('behind', covers);
  }

  get #hasFocus(): boolean {
    const { activeElement } = this.shell.root;
    return Boolean(activeElement?.closest('.hints,.asks'));
  }

  #returnFocus() {
    // On a phone the field would bring up the keyboard.
    const field = matchMedia('(max-width: 479px), (max-height: 419px)').matches ? '.panel' : 'textarea';
    const next = this.shell.isOpen ? field : '.ask,.tell,.fab';
    this.shell.root.querySelector<HTMLElement>(next)?.focus({ preventScroll: true });
  }
}
