import { complain, type Facts, type Told } from '../core/facts';
import type { Theme } from '../contract';
import type { Calls, Core, Shell } from '../shell';
import { warnOnce } from '../warn';
import { setConsent } from './consent';
import { Identity } from './identity';
import { fitting, joinTags, tagsOf, type Tags } from './tags';
import { Throttle } from './throttle';

/** What a page's calls reach of one visitor's session. */
export interface Visitor extends Pick<Core, 'contactId' | 'send' | 'view' | 'allow'> {
  readonly pages: { set(url?: string, title?: string): void };
  readonly typists: { theirs(name: string, fadesAfterMs: number): void };
  readonly facts: Core['facts'] & Pick<Facts, 'setFields' | 'sendEvent'>;
  identify(token: string): void;
  logout(): void;
  showLocal(text: string, operator: string | null): void;
}

type Fields = Record<string, unknown>;

interface ClientInfo extends Fields {
  custom?: Fields;
}

interface ClientTags {
  toAdd?: unknown;
  toRemove?: unknown;
  isRemoveAllCurrentTags?: boolean;
}

interface WantedPage {
  url?: string;
  title?: string;
}

/** So many words of a page may wait for the line, and so many of its own may stand in the chat. */
const MOST_WAITING = 50;
const MOST_LOCAL = 200;

/** What pages may ask besides showing and hiding, which the loader does. Names of the source product are aliases. */
export class PageCalls implements Calls {
  /** Remembered for the page's own questions; the server's copy is never shown to a page. */
  #given: Fields = {};
  #locals = 0;
  readonly #fields = new Throttle<Fields>(
    (known, next) => ({ ...known, ...next }),
    (fields) => {
      this.visitor.facts.setFields(fields);
      this.shell.emit('contacts', this.#contacts);
    },
  );
  readonly #page = new Throttle<WantedPage>(
    (_, next) => next,
    ({ url = location.href, title }) => {
      this.visitor.pages.set(url, title);
      this.shell.presence?.page(url, title);
      const isJudged = this.shell.config.appearance.hidden?.pages.length;
      if (isJudged) void this.shell.part('extras').then((extras) => extras.look(url));
    },
  );
  readonly #tags = new Throttle<Tags>(joinTags, (tags) => {
    const { add, remove, clear } = fitting(tags);
    if (add.length || remove.length || clear) this.#tell({ type: 'tags', add, remove, clear });
  });
  readonly #identity = new Identity((token) => this.visitor.identify(token));

  constructor(
    private readonly shell: Shell,
    private readonly visitor: Visitor,
  ) {}

  call(verb: string, args: unknown[]): unknown {
    if (!Object.hasOwn(this.#verbs, verb)) return warnOnce(verb, 'is not a known call');
    return this.#verbs[verb]!(...(args as never[]));
  }

  destroy() {
    this.#identity.stop();
    for (const throttle of [this.#fields, this.#page, this.#tags]) throttle.stop();
  }

  readonly #verbs: Record<string, (...args: never[]) => unknown> = {
    send: (text: unknown) => this.#send(text),
    sendMessage: (text: unknown) => this.#send(text),
    setFields: (fields: Fields) => this.#setFields(fields),
    setClientInfo: ({ custom, ...known }: ClientInfo = {}) => this.#setFields({ ...known, ...custom }),
    getContacts: (tell: (contacts: unknown) => void) => tell(this.#contacts),
    getClientId: (tell: (id: string | null) => void) => tell(this.#clientId),
    get: (what: string) => this.#get(what),
    receiveMessage: (text: unknown, operator?: string | null, typingMs?: number) =>
      this.#receive(String(text), operator ?? null, Number(typingMs) || 0),
    identify: (who?: unknown) => {
      this.#flush();
      this.#identify(who);
    },
    logout: () => {
      this.#flush();
      this.#identity.stop();
      this.#given = {};
      this.visitor.logout();
    },
    event: (name: string, data: unknown = null) => this.visitor.facts.sendEvent(String(name), data),
    page: (page: WantedPage = {}) => this.#page.add(page),
    startScenario: (id: unknown) => this.#tell({ type: 'launch', scenario_id: String(id) }),
    setClientTags: ({ toAdd, toRemove, isRemoveAllCurrentTags }: ClientTags = {}) =>
      this.#tags.add({
        add: tagsOf(toAdd),
        remove: tagsOf(toRemove),
        clear: Boolean(isRemoveAllCurrentTags),
      }),
    addTags: (tags: unknown) => this.#tags.add({ add: tagsOf(tags), remove: [], clear: false }),
    removeTags: (tags: unknown) => this.#tags.add({ add: [], remove: tagsOf(tags), clear: false }),
    setTarget: (reason: unknown = '') => this.#tell({ type: 'target', reason: String(reason) }),
    // Whoever reads the page could ask which colleagues there are: the company's own rules say who answers.
    setOperator: () => warnOnce('setOperator', 'has no effect: the company decides who answers'),
    openTab: () => this.shell.open(),
    openReviewsTab: () => {
      this.shell.open();
      void this.shell.part('forms').then(
        (forms) => forms.askRating(),
        () => {},
      );
    },
    setTheme: (theme: Theme) => {
      this.shell.setup.theme = theme;
      this.shell.dress();
    },
    setConsent: (consent: string) => setConsent(this.shell, this.visitor, consent),
  };

  #setFields(fields: Fields = {}) {
    const present = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
    this.#given = { ...this.#given, ...present };
    if (Object.keys(present).length) this.#fields.add(present);
  }

  /** What was told before goes out before. */
  #flush() {
    for (const throttle of [this.#fields, this.#page, this.#tags]) throttle.flush();
  }

  #send(text: unknown) {
    if (this.visitor.view.entries.length >= MOST_WAITING) {
      return warnOnce('send', `has ${MOST_WAITING} messages waiting, the rest are left out`);
    }
    this.#flush();
    this.visitor.send(String(text));
  }

  #tell(told: Told) {
    if (told.type !== 'tags') this.#flush();
    void this.visitor.facts.tell(told).then(complain);
  }

  /** `receiveMessage`: shown to this page only, after some typing. */
  #receive(text: string, operator: string | null, typingMs: number) {
    if (++this.#locals > MOST_LOCAL) return warnOnce('receiveMessage', 'was called too often on this page');
    if (typingMs > 0) this.visitor.typists.theirs(operator ?? '', typingMs + 500);
    setTimeout(() => this.visitor.showLocal(text, operator), typingMs);
  }

  #identify(who: unknown) {
    type Given = { token?: unknown; refresh?: () => string };
    const given: Given = typeof who === 'object' && who ? who : { token: who };
    const { token, refresh } = given;
    if (typeof token === 'function') this.#identity.is(undefined, token as () => string);
    else this.#identity.is(typeof token === 'string' ? token : undefined, refresh);
  }

  get #contacts() {
    const { name = null, phone = null, email = null } = this.#given;
    return { name, phone, email };
  }

  get #clientId(): string | null {
    return this.visitor.contactId ?? this.shell.setup.clientId ?? null;
  }

  #get(what: string): unknown {
    const { isOpen, unread } = this.shell;
    if (what === 'unread') return unread;
    if (what === 'state') return { open: isOpen, unread };
    if (what === 'visitorId' || what === 'clientId') return this.#clientId;
    if (what === 'contacts') return this.#contacts;
    return warnOnce(`get ${what}`, 'is not a known question');
  }
}
