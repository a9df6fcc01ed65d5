import { element, icon } from '../loader/elements';
import type { Shell } from '../shell';
import css from './box.css?inline';

const CROSS = 'M18 6 6 18M6 6l12 12';

/** The place above the launcher, one for all that speaks there; `own` holds what one of them draws. */
export class Box {
  readonly own = element('div', { class: 'own' });
  readonly #box: HTMLElement;

  constructor(
    private readonly shell: Shell,
    /** The key Escape puts away what is drawn. */
    onEscape: () => void,
    signal: AbortSignal,
  ) {
    const { bar } = shell.launcher;
    const known = bar.querySelector<HTMLElement>('.hints');
    this.#box = known ?? element('div', { class: 'hints' });
    if (!known) {
      shell.adopt(css);
      bar.prepend(this.#box);
    }
    this.#box.append(this.own);
    this.own.onkeydown = (event) => {
      if (event.key !== 'Escape') return;
      event.stopPropagation();
      onEscape();
    };
    // Whoever goes through the page by keys must see where they are.
    document.addEventListener('focusin', () => this.giveWay(), { signal, passive: true });
    signal.addEventListener('abort', () => this.own.remove());
  }

  /** What has the page's focus is never covered. */
  giveWay() {
    const { activeElement, body } = document;
    this.#box.classList.remove('behind');
    const isEmpty = !this.#box.querySelector('.own > *');
    if (isEmpty || !activeElement || activeElement === body || activeElement === this.shell.root.host) return;
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

  get hasFocus(): boolean {
    const { activeElement } = this.shell.root;
    return this.own.contains(activeElement);
  }
}

/** Puts something away. */
export function hushOf(label: string, press: () => void): HTMLElement {
  const hush = element(
    'button',
    { class: 'hush', type: 'button', 'aria-label': label, title: label },
    icon(CROSS),
  );
  hush.onclick = press;
  return hush;
}

/** A message above the launcher: a press opens the chat, the cross puts it away. */
export function bubbleOf(about: {
  label: string;
  hush: string;
  /** Who says it, where that is a person. */
  name?: string;
  text: string;
  onpress: () => void;
  onhush: () => void;
}): HTMLElement {
  const { label, name, text } = about;
  const tell = element('button', { class: 'tell', type: 'button' });
  if (name) tell.append(element('b', {}, name));
  tell.append(element('span', {}, text));
  tell.onclick = about.onpress;
  const hush = hushOf(about.hush, about.onhush);
  return element('div', { class: 'teaser', role: 'group', 'aria-label': label }, tell, hush);
}
