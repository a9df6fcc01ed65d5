import type { Facts, Rule, Start } from '@otklik/site-rules';
import type { FormField } from '../contract';
import type { Shell } from '../shell';
import type { Suggest } from './contract';
import { factsToTell } from './facts';
import type { Server } from './server';
import type { Log } from './shown';
import type { Stage } from './stage';
import type { Visit } from './visit';
import { wordsOf } from './words';

/** The moment at which an auto-action was chosen. */
export interface Moment {
  start: Start;
  facts: Facts;
  /** By the server's clock. */
  visitSince: number;
  now: number;
}

/** What auto-actions do on the page, and what the server is told about it. */
export class Acts {
  suggests: Suggest[] = [];
  /** Answers to showings: nothing else about one is told before the server has noted it. */
  readonly #noted = new Map<string, Promise<boolean>>();

  constructor(
    private readonly shell: Shell,
    private readonly server: Server,
    private readonly log: Log,
    private readonly visit: Visit,
    private readonly stage: Stage,
    /** The server did not let an auto-action act. */
    private readonly onRefused: (rule: string) => void,
  ) {}

  act(rule: Rule, moment: Moment) {
    const { shell, stage } = this;
    const suggests: Suggest[] = [];
    let message: string | undefined;
    for (const action of rule.do) {
      if (action.type === 'show_suggests') suggests.push(...this.#named(action.suggest_ids));
      if (action.type === 'message') message = action.text;
      if (action.type === 'open_widget') shell.open(false);
      if (action.type === 'show_form') this.#form(action.fields);
      if (action.type === 'js_event') {
        const told = { name: action.name, id: rule.id };
        shell.emit('auto_action', told);
        shell.emit('event', told);
      }
    }
    if (suggests.length || (message && !shell.isOpen)) stage.show({ rule: rule.id, suggests, message });
    this.log.add(rule.id, moment.now);
    this.visit.shown(rule.id);
    this.#noted.set(rule.id, this.#tellShown(rule, moment));
  }

  #named(ids: string[]): Suggest[] {
    return ids.flatMap((id) => this.suggests.find((suggest) => suggest.id === id) ?? []);
  }

  async #tellShown({ id }: Rule, { start, facts, visitSince, now }: Moment): Promise<boolean> {
    const acted = await this.server.tell({
      auto_action_id: id,
      kind: 'shown',
      start,
      facts: factsToTell(facts),
      visit_since: new Date(visitSince).toISOString(),
    });
    if (!acted) return false;
    if (!acted.done) {
      this.log.drop(id, now);
      this.onRefused(id);
      if (this.stage.scene?.rule === id) this.stage.clear();
      return false;
    }
    if (acted.contact_id) {
      this.server.keepToken();
      void this.shell.withCore((core) => core.connect(!core.contactId)).catch(() => {});
    }
    return true;
  }

  /** The form of menu buttons; it comes by itself, so it takes no focus. */
  #form(keys: string[]) {
    const { shell } = this;
    const form = {
      label: { ru: wordsOf('ru').form, en: wordsOf('en').form },
      target: { fields: keys.map((key) => this.#field(key)) },
      isQuiet: true,
    };
    void shell
      .withCore((core) => core.showForm(form))
      .then(
        () => shell.open(false),
        () => {},
      );
  }

  /** A page is told titles of fields only where a button or a suggest asks for them; of others only those that everybody has. */
  #field(key: string): FormField {
    const known = [...this.suggests, ...(this.shell.config.menu_buttons ?? [])];
    const words = wordsOf(this.shell.locale) as Record<string, string>;
    const title = ['name', 'phone', 'email'].includes(key) ? words[key]! : key;
    const fields = known.flatMap(({ target }) => target.fields ?? []);
    return fields.find((field) => field.key === key) ?? { key, title, kind: key };
  }

  pressMessage() {
    this.#clicked();
    // It stands in the thread now.
    this.stage.scene!.message = undefined;
    this.shell.open();
  }

  press(suggest: Suggest) {
    this.#clicked();
    const { shell } = this;
    const { kind, text, url, fields } = suggest.target;
    this.stage.clear();
    if (kind === 'link') return shell.emit('link', url);
    void shell
      .withCore((core) => {
        if (kind === 'scenario') core.launch(suggest);
        if (kind === 'text') core.send(text?.[shell.locale] || text?.ru || '');
        if (kind === 'form') core.showForm({ label: suggest.label, target: { fields } });
      })
      .catch(() => {});
    this.server.keepToken();
    shell.open();
  }

  #clicked() {
    const { rule } = this.stage.scene!;
    this.#tell(rule, 'clicked');
  }

  /** The visitor's words have reached the server. */
  dialogBegins() {
    const rule = this.visit.takeDialog();
    if (rule) this.#tell(rule, 'dialog');
  }

  #tell(rule: string, kind: 'clicked' | 'dialog') {
    const noted = this.#noted.get(rule) ?? Promise.resolve(true);
    void noted.then((isNoted) => (isNoted ? this.server.tell({ auto_action_id: rule, kind }) : null));
  }
}
