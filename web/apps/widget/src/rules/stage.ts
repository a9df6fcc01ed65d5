import { labelOf } from '../labels';
import { element } from '../loader/elements';
import type { Shell } from '../shell';
import { Box, bubbleOf, hushOf } from '../teaser/box';
import type { Suggest } from './contract';
import css from './rules.css?inline';
import { wordsOf } from './words';

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
  readonly #box: Box;
  #asks: HTMLElement | null = null;
  #shelfWatch: MutationObserver | undefined;

  constructor(
    private readonly shell: Shell,
    private readonly presses: Presses,
    signal: AbortSignal,
  ) {
    this.#box = new Box(shell, () => this.clear(), signal);
    shell.adopt(css);
    signal.addEventListener('abort', () => this.clear());
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
    if (scene.message && !shell.isOpen) this.#box.own.append(this.#teaser(scene.message));
    if (scene.suggests?.length) {
      const buttons = scene.suggests.map((suggest) => this.#ask(suggest));
      const hush = hushOf(words.hideSuggests, () => this.clear());
      this.#asks = element(
        'div',
        { class: 'asks', role: 'group', 'aria-label': words.suggests },
        ...buttons,
        hush,
      );
      this.#box.own.append(this.#asks);
      if (shell.isOpen) this.#toShelf(this.#asks);
    }
    if (hadFocus) this.#returnFocus();
    this.#box.giveWay();
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
    this.#box.own.replaceChildren();
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
    return bubbleOf({
      label: words.message,
      hush: words.hideMessage,
      text,
      onpress: () => this.presses.message(),
      onhush: () => {
        this.scene!.message = undefined;
        this.draw();
      },
    });
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

  get #hasFocus(): boolean {
    const { activeElement } = this.shell.root;
    return this.#box.hasFocus || !!this.#asks?.contains(activeElement);
  }

  #returnFocus() {
    // On a phone the field would bring up the keyboard.
    const field = matchMedia('(max-width: 479px), (max-height: 419px)').matches ? '.panel' : 'textarea';
    const next = this.shell.isOpen ? field : '.ask,.tell,.fab';
    this.shell.root.querySelector<HTMLElement>(next)?.focus({ preventScroll: true });
  }
}
