import type { Message } from '../contract';
import { textIn } from '../labels';
import { element } from '../loader/elements';
import type { Core, Shell, Teaser } from '../shell';
import { Box, bubbleOf } from './box';
import { wordsOf } from './words';

/** What an operator has written and nobody has seen yet, above the launcher; it takes no focus. */
export class OperatorTeaser implements Teaser {
  readonly #ending = new AbortController();
  readonly #box: Box;
  /** Read out where the page is read out. */
  readonly #said = element('div', { class: 'said', 'aria-live': 'polite' });
  #shown: Message | undefined;
  #locale: string | undefined;

  constructor(
    private readonly shell: Shell,
    private readonly core: Core,
  ) {
    const { signal } = this.#ending;
    this.#box = new Box(shell, () => this.#hush(), signal);
    shell.launcher.bar.append(this.#said);
    const forget = core.onChange(() => this.update());
    signal.addEventListener('abort', () => {
      forget();
      this.#said.remove();
    });
    this.update();
  }

  update() {
    const next = this.#next;
    const { locale } = this.shell;
    if (next?.id === this.#shown?.id && locale === this.#locale) return;
    const isNew = next?.id !== this.#shown?.id;
    const hadFocus = this.#box.hasFocus;
    this.#shown = next;
    this.#locale = locale;
    this.#box.own.replaceChildren();
    if (next) this.#draw(next, isNew);
    if (hadFocus) this.#returnFocus();
    this.#box.giveWay();
  }

  destroy() {
    this.#ending.abort();
  }

  /** The newest word of an operator, as long as it is unread, was not put away, and stands nowhere else. */
  get #next(): Message | undefined {
    const { shell, core } = this;
    if (shell.isOpen || !shell.unread) return;
    const { messages } = core.view;
    const last = messages.filter(({ author }) => author.kind === 'operator').at(-1);
    if (!last || shell.store[this.#key] === last.id) return;
    // An auto-action has drawn it already: put away there, it is put away.
    const drawn = [...shell.launcher.bar.querySelectorAll('.tell')].filter(
      (tell) => !this.#box.own.contains(tell),
    );
    if (drawn.some((tell) => tell.textContent === last.content.text)) return void this.#keep(last);
    return last;
  }

  #draw({ author, content }: Message, isNew: boolean) {
    const { locale, config } = this.shell;
    const words = wordsOf(locale);
    const { operator } = config.appearance;
    const name = author.name || textIn(locale, operator?.name, operator?.name_en) || words.operator;
    const files = (content.attachments ?? []).map((file) => file.name);
    const text = content.text || files.join(', ');
    const bubble = bubbleOf({
      label: words.message,
      hush: words.hide,
      name,
      text,
      onpress: () => this.shell.open(),
      onhush: () => this.#hush(),
    });
    this.#box.own.append(bubble);
    if (isNew) this.#said.textContent = `${name}: ${text}`;
  }

  #hush() {
    if (this.#shown) this.#keep(this.#shown);
    this.update();
  }

  get #key(): string {
    return this.shell.prefix + 'hushed';
  }

  /** Not on the next page either. */
  #keep({ id }: Message) {
    this.shell.store[this.#key] = id;
  }

  #returnFocus() {
    const next = this.shell.root.querySelector<HTMLElement>(this.#shown ? '.teaser .tell' : '.fab');
    next?.focus({ preventScroll: true });
  }
}
