import type { Facts } from '@otklik/site-rules';
import { element } from '../loader/elements';
import type { Shell } from '../shell';
import css from './inspect.css?inline';
import { wordsOf } from './words';

const EVERY_MS = 2_000;
const TIMEOUT_MS = 10_000;

interface Leaf {
  fact: string;
  op: string;
  value: unknown;
  actual: unknown;
  holds: boolean;
}

interface Inspected {
  title: string;
  fires: boolean;
  chosen: boolean;
  stopped_by: string[];
  conditions: Leaf[];
}

/** What the rules know: who looks, and what the page is like now. */
export interface Looked {
  pass: string;
  token: string;
  facts(): Facts;
}

/** The administrator's checker in the page itself: the server's answers for this page and this visitor, every two seconds. */
export function create(shell: Shell) {
  let inspector: Inspector | undefined;
  return {
    begin: (looked: Looked, onend: () => void) => (inspector ??= new Inspector(shell, looked, onend)),
    update: () => inspector?.draw(),
    destroy: () => inspector?.end(),
  };
}

class Inspector {
  readonly #box = element('section', { class: 'inspect', 'data-otklik': 'inspect' });
  readonly #timer = setInterval(() => void this.#look(), EVERY_MS);
  #items: Inspected[] = [];
  #trouble = '';
  #shown = '';

  constructor(
    private readonly shell: Shell,
    private readonly looked: Looked,
    private readonly onend: () => void,
  ) {
    shell.adopt(css);
    shell.root.append(this.#box);
    this.draw();
    void this.#look();
  }

  async #look() {
    if (document.hidden) return;
    const { origin, key, locale } = this.shell;
    const { pass, token } = this.looked;
    const answer = await fetch(`${origin}/w/v1/inspect`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'X-Otklik-Site': key, 'X-Otklik-Visitor': token },
      body: JSON.stringify({ pass, facts: this.looked.facts() }),
      credentials: 'omit',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    }).catch(() => null);
    const told = answer?.ok
      ? ((await answer.json().catch(() => null)) as { items: Inspected[] } | null)
      : null;
    const words = wordsOf(locale);
    if (told) this.#items = told.items;
    const hasEnded = answer?.status === 409;
    if (hasEnded) clearInterval(this.#timer);
    this.#trouble = told ? '' : hasEnded ? words.ended : words.away;
    this.draw();
  }

  /** Anew only where something is not as it was: whoever reads it, reads on. */
  draw() {
    const words = wordsOf(this.shell.locale);
    const now = JSON.stringify([this.shell.locale, this.#trouble, this.#items]);
    if (now === this.#shown) return;
    this.#shown = now;
    this.#box.setAttribute('aria-label', words.title);
    const close = element('button', { type: 'button', 'aria-label': words.close, title: words.close }, '×');
    close.onclick = () => this.end();
    const rules = this.#items.map((item) => this.#ruleOf(item));
    this.#box.replaceChildren(
      element('h2', {}, words.title),
      close,
      element('p', { role: 'status' }, this.#trouble),
      element('ul', {}, ...rules),
    );
  }

  #ruleOf({ title, fires, chosen, stopped_by, conditions }: Inspected): HTMLElement {
    const words = wordsOf(this.shell.locale);
    const verdict = chosen ? words.acts : fires ? words.fires : words.no;
    const why = stopped_by.map((stop) => words.stops[stop] ?? stop).join(', ');
    const say = (value: unknown) =>
      value === null || value === undefined
        ? words.nothing
        : typeof value === 'string'
          ? value
          : JSON.stringify(value);
    const leaves = conditions.map(({ fact, op, value, actual, holds }) => {
      const asked = value === null || value === undefined ? '' : ` ${say(value)}`;
      const text = `${fact} ${op}${asked} · ${words.now}: ${say(actual)}`;
      return element('p', { class: holds ? 'leaf' : 'leaf off' }, text);
    });
    return element(
      'li',
      { class: chosen ? 'rule chosen' : 'rule' },
      element('b', {}, title),
      element('p', {}, why ? `${verdict}: ${why}` : verdict),
      ...leaves,
    );
  }

  end() {
    clearInterval(this.#timer);
    this.#box.remove();
    this.onend();
  }
}
