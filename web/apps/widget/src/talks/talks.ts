import type { Locale, Talk } from '../contract';
import { element, icon } from '../loader/elements';
import type { Core, Shell } from '../shell';
import { readTalks } from './server';
import { wordsOf } from './words';

const LIST = 'M4 6h16M4 12h16M4 18h10';
const BACK = 'M7.9 20A9 9 0 1 0 4 16.1L2 22Z';

/** A button in the panel's head, and the list that it lays over the messages. */
export class Talks {
  readonly #panel: HTMLElement;
  readonly #toggle = element('button', { class: 'icon toList', type: 'button' });
  readonly #list = element('div', { class: 'talks', id: 'talks' });
  readonly #note = element('p', { class: 'banner', role: 'status' });
  readonly #forget: () => void;
  #talks: Talk[] | null | 'failed' = null;
  #isOpen = false;
  /** The conversation shown has ended, and nothing was written in it since. */
  #isEnded = false;

  constructor(
    private readonly shell: Shell,
    private readonly core: Core,
  ) {
    this.#panel = shell.root.querySelector<HTMLElement>('.panel')!;
    this.#panel.querySelector('header')!.append(this.#toggle);
    this.#panel.querySelector('.slot')!.before(this.#note);
    this.#toggle.onclick = () => this.#turnList(!this.#isOpen);
    this.#list.onkeydown = (event) => {
      if (event.key !== 'Escape') return;
      event.stopPropagation();
      this.#turnList(false);
    };
    this.#forget = core.onChange(() => this.#look());
    this.update();
  }

  update() {
    const words = wordsOf(this.shell.locale);
    this.#note.textContent = words.ended;
    this.#look();
    if (this.#isOpen) this.#draw();
  }

  destroy() {
    this.#forget();
    for (const node of [this.#toggle, this.#list, this.#note]) node.remove();
  }

  #look() {
    const { shell, core } = this;
    if (core.view.entries.length) this.#isEnded = false;
    this.#note.hidden = !this.#isEnded;
    const words = wordsOf(shell.locale);
    const waits = shell.unread > 0;
    const name = this.#isOpen ? words.back : waits ? `${words.list}, ${words.unread}` : words.list;
    if (this.#toggle.title === name) return;
    this.#toggle.classList.toggle('waits', waits && !this.#isOpen);
    this.#toggle.title = name;
    this.#toggle.setAttribute('aria-label', name);
    this.#toggle.setAttribute('aria-expanded', String(this.#isOpen));
    this.#toggle.replaceChildren(icon(this.#isOpen ? BACK : LIST));
  }

  #turnList(isOpen: boolean) {
    this.#isOpen = isOpen;
    // What is under the list is neither reached by keys nor read out.
    for (const part of this.#panel.children)
      if (part.tagName !== 'HEADER') part.toggleAttribute('inert', isOpen);
    if (isOpen) {
      this.#panel.append(this.#list);
      void this.#load();
    } else this.#list.remove();
    this.#look();
    if (!isOpen) this.#toggle.focus({ preventScroll: true });
  }

  async #load() {
    this.#talks = null;
    this.#draw();
    this.#talks = await readTalks(this.shell).catch(() => 'failed' as const);
    if (!this.#isOpen) return;
    this.#draw();
    this.#list.querySelector('button')?.focus({ preventScroll: true });
  }

  #draw() {
    const { locale } = this.shell;
    const words = wordsOf(locale);
    const begin = element('button', { class: 'begin', type: 'button' }, words.begin);
    begin.onclick = () => this.#choose('', false);
    this.#list.replaceChildren(this.#content(locale), begin);
    this.#list.setAttribute('role', 'group');
    this.#list.setAttribute('aria-label', words.list);
  }

  #content(locale: Locale): HTMLElement {
    const words = wordsOf(locale);
    const talks = this.#talks;
    if (talks === 'failed') {
      const retry = element('button', { class: 'link', type: 'button' }, words.retry);
      retry.onclick = () => void this.#load();
      return element('ul', {}, element('p', { role: 'alert' }, words.failed, ' ', retry));
    }
    const said = talks === null ? words.loading : words.empty;
    if (!talks?.length) return element('ul', {}, element('p', { role: 'status' }, said));
    return element('ul', {}, ...talks.map((talk) => element('li', {}, this.#row(talk, locale))));
  }

  #row(talk: Talk, locale: Locale): HTMLElement {
    const words = wordsOf(locale);
    const { last_message: last, closed, unread } = talk;
    const file = last?.content.attachments?.[0] && words.file;
    const text = last?.content.text || file || words.none;
    const who = last?.author.kind === 'client' ? `${words.you}: ` : '';
    const when = whenIn(locale, last?.created_at ?? talk.created_at);
    const row = element(
      'button',
      { class: 'talk', type: 'button' },
      element('span', {}, who + text),
      element('small', {}, when),
      element('small', {}, closed ? words.closed : who ? '' : (last?.author.name ?? '')),
    );
    if (unread) row.append(element('i', { 'aria-label': words.unreadIn(unread) }, String(unread)));
    const shown = this.core.view.talk;
    if (shown === talk.id || (shown === null && talk === (this.#talks as Talk[])[0]))
      row.setAttribute('aria-current', 'true');
    row.onclick = () => this.#choose(closed ? talk.id : null, closed);
    return row;
  }

  #choose(talk: string | null, isEnded: boolean) {
    this.#isEnded = isEnded;
    this.core.turn(talk);
    this.#turnList(false);
    this.#panel.querySelector('textarea')?.focus({ preventScroll: true });
  }
}

/** The time of today, the day before. */
function whenIn(locale: Locale, iso: string): string {
  const date = new Date(iso);
  const isToday = date.toDateString() === new Date().toDateString();
  return isToday
    ? date.toLocaleTimeString(locale, { hour: '2-digit', minute: '2-digit' })
    : date.toLocaleDateString(locale, { day: 'numeric', month: 'short' });
}
