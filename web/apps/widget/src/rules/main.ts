import {
  type History,
  holds,
  pageFacts,
  type Read,
  type Rule,
  type Shown,
  type Situation,
  type Start,
} from '@otklik/site-rules';
import { Pages } from '../core/pages';
import type { Shell } from '../shell';
import { Acts } from './acts';
import type { SiteRules } from './contract';
import { factsOf, factsOfPage, factsToTell } from './facts';
import { forgetPass, passOf } from './pass';
import { atRest, first, inTurns, questions } from './rehearsal';
import { Senses } from './senses';
import { Server, visitorOf } from './server';
import { compare, Log } from './shown';
import { Stage, type Presses } from './stage';
import { SILENCE_MS } from '../presence/visit';
import { Visit } from './visit';

/** Calls that open a line: from then on the visitor is known by the token that he has had so far. */
const SPEAKS = /^(open|send|sendMessage|setFields|setClientInfo|identify|event)$/;
/** Several changes of a contact come together. */
const SETTLE_MS = 1_500;
/** Rules that are asked before it is looked how long that took. */
const AT_ONCE = 25;
/** These may come again and again: one that acted does not do so again before another page is in view. */
const REPEATED: Start[] = ['time', 'scroll', 'idle'];

interface WantedPage {
  url?: string;
  title?: string;
}

/** Begins to look at auto-actions. */
export function create(shell: Shell) {
  new Rules(shell).begin();
}

/** Auto-actions at work on one page: when to look, which one acts. */
class Rules {
  readonly #server: Server;
  readonly #visit: Visit;
  readonly #log: Log;
  readonly #stage: Stage;
  readonly #acts: Acts;
  readonly #ending = new AbortController();
  #told: SiteRules | undefined;
  readonly #read: Read = [];
  readonly #past: History = {};
  /** What was shown by the server's clock, and of which entries and comparison. */
  #shown: { entries?: Shown[]; history?: object; all?: Shown[] } = {};
  #starts: ReadonlySet<Start> = new Set();
  #visitor: string | undefined;
  /** What was shown where this browser does not remember it, and how far the server's clock is ahead. */
  #history: ReturnType<typeof compare> = { ahead: 0, elsewhere: [] };
  #dialogUntil = -Infinity;
  #senses: Senses | undefined;
  #pages: Pages | undefined;
  #address = '';
  /** Where the page's script says it is, and that it told events, before there was anybody to hear. */
  #wantedPage: WantedPage | undefined;
  #isEventDue = false;
  /** A page that was loaded out of sight begins with the first look at it. */
  #isPageDue = true;
  /** What acted on the page in view, and what the server has refused. */
  readonly #acted = new Set<string>();
  readonly #refused = new Set<string>();
  #refresh: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly shell: Shell) {
    const { store, prefix } = shell;
    this.#server = new Server(shell);
    this.#visit = new Visit(store, prefix);
    this.#log = new Log(store, prefix);
    const presses: Presses = {
      suggest: (suggest) => this.#acts.press(suggest),
      message: () => this.#acts.pressMessage(),
    };
    this.#stage = new Stage(shell, presses, this.#ending.signal);
    const onRefused = (rule: string) => void this.#refused.add(rule);
    this.#acts = new Acts(shell, this.#server, this.#log, this.#visit, this.#stage, onRefused);
  }

  begin() {
    const past = this.shell.ears ?? [];
    this.shell.ears = { push: (heard) => this.#hear(...heard) };
    for (const heard of past as [unknown, unknown][]) this.#hear(...heard);
    void this.#load();
  }

  async #load() {
    const before = this.#log.entries;
    const told = await this.#server.rules();
    if (!told || this.#ending.signal.aborted) return;
    if (asks(told, 'share')) this.#visitor = await visitorOf(this.#server.makeToken());
    const isFirst = !this.#senses;
    if (isFirst) this.#watch(told);
    const { signal } = this.#ending;
    const shown = told.visitor?.shown.map(({ id, at }): Shown => [id, Date.parse(at)]) ?? [];
    this.#history = compare(before, shown);
    await atRest(this.#rehearsal(told), signal);
    if (signal.aborted) return;
    this.#told = told;
    this.#starts = startsOf(told);
    this.#acts.suggests = told.suggests;
    this.#refused.clear();
    if (told.visitor?.open_dialog) this.#dialogIsOpen();
    if (isFirst) await atRest(this.#beginning(), signal);
  }

  /** All that a start will do: what a browser never did before takes it ten times as long. */
  *#rehearsal(told: SiteRules) {
    yield pageFacts(this.#address);
    const situation = this.#situation(told);
    yield;
    yield* questions(situation);
    // What was done a few times is quick. As after another page, nothing is known of a leaf.
    for (let times = 0; times < 5; times++) {
      for (const { when } of told.rules) (when as { held?: null }).held = null;
      for (const start of startsOf(told)) yield* this.#asking(start, told);
    }
  }

  /** Something of the visitor has changed that a rule may ask about. */
  #loadSoon() {
    if (!this.#told || !(asks(this.#told, 'field.') || asks(this.#told, 'tag'))) return;
    clearTimeout(this.#refresh);
    this.#refresh = setTimeout(() => void this.#load(), SETTLE_MS);
  }

  #watch(told: SiteRules) {
    const { signal } = this.#ending;
    this.#senses = new Senses(
      {
        start: (start) => this.#ask(start),
        touched: () => this.#comeBack() && this.#pageComes(),
        seen: (isRestored) => {
          if (this.#comeBack() || isRestored || this.#isPageDue) this.#pageComes();
        },
        left: (seconds) => this.#visit.looked(seconds),
      },
      startsOf(told),
      signal,
    );
    this.#pages = new Pages((page) => this.#arrive(page.url));
    signal.addEventListener('abort', this.#pages.stop);
    this.#address = withoutHash(this.#pages.page.url);
    if (this.#wantedPage) this.#pages.set(this.#wantedPage.url, this.#wantedPage.title);
  }

  *#beginning() {
    yield this.#senses!.listen();
    this.#senses!.look();
    if (this.#isEventDue) this.#ask('event');
    void this.#inspect();
  }

  /** Whoever came with an administrator's link sees what each auto-action does here. */
  async #inspect() {
    const pass = passOf();
    if (!pass) return;
    const token = this.#server.makeToken();
    const inspect = await this.shell.part('inspect').catch(() => null);
    inspect?.begin({ pass, token, facts: () => factsToTell(this.#situation().facts) }, forgetPass);
  }

  /** True when another visit begins: the former one keeps its seconds. */
  #comeBack(): boolean {
    const isNew = this.#visit.touch();
    if (isNew) this.#senses!.stretch.reset();
    return isNew;
  }

  /** A single-page application tells the same page several times. */
  #arrive(url = this.#address) {
    const address = withoutHash(url);
    if (address === this.#address) return;
    this.#address = address;
    this.#senses!.reset();
    if (document.hidden || !this.#told) this.#isPageDue = true;
    else this.#pageComes();
  }

  #pageComes() {
    this.#isPageDue = false;
    void inTurns(this.#page(), this.#ending.signal);
  }

  *#page() {
    yield this.#visit.page(this.#address);
    yield factsOfPage(this.#pages!.page.url);
    this.#acted.clear();
    this.#leaveOnlyWhatHolds();
    this.#ask('page');
  }

  /** What was drawn for another page goes with it, unless it fits this one, too. */
  #leaveOnlyWhatHolds() {
    const { scene } = this.#stage;
    const rule = scene && this.#told!.rules.find(({ id }) => id === scene.rule);
    if (rule && !holds(rule, this.#situation())) this.#stage.clear();
  }

  /** A page has little time: what has come was one turn, the moment is read in the next, a hundred rules take several. */
  #ask(start: Start) {
    if (!document.hidden && this.#starts.has(start))
      void inTurns(this.#asking(start, this.#told!, this.#address), this.#ending.signal);
  }

  /** Asks the rules that a start may wake. Without an address nothing comes of their answers. */
  *#asking(start: Start, told: SiteRules, address?: string) {
    const { isHidden } = this.#stage;
    let left = told.rules.filter((rule) => rule.start === start && this.#mayAct(rule, isHidden));
    yield;
    const situation = this.#situation(told);
    while (left[0]) {
      yield;
      if (address && address !== this.#address) return;
      const some = left.slice(0, AT_ONCE);
      const rule = first(some, situation);
      // What has happened since the first of them was asked may keep it back.
      if (rule && address && first([rule], this.#situation())) return this.#act(rule, start, situation);
      left = left.slice(rule ? some.indexOf(rule) + 1 : AT_ONCE);
    }
  }

  #act(rule: Rule, start: Start, { facts, visitSince = 0 }: Situation) {
    this.#acted.add(rule.id);
    // For the server this is an operator's word like any other.
    if (rule.do.some((action) => action.type === 'message' && action.author === 'operator'))
      this.#dialogIsOpen();
    this.#acts.act(rule, { start, facts, visitSince, now: Date.now() });
  }

  #mayAct({ id, start, do: actions }: Rule, isHidden: boolean): boolean {
    if (this.#refused.has(id) || (REPEATED.includes(start) && this.#acted.has(id))) return false;
    return !isHidden || !actions.some(({ type }) => type === 'show_suggests' || type === 'message');
  }

  #situation(told = this.#told!): Situation {
    const senses = this.#senses!;
    const visit = this.#visit.state;
    const { ahead } = this.#history;
    const here = {
      page: this.#pages!.page,
      visit,
      secondsOnPage: senses.onPage.seconds,
      secondsOnSite: Math.floor(visit.seconds + senses.stretch.ms / 1000),
      scrollPercent: senses.scrollPercent,
      idleSeconds: senses.idleSeconds,
      exitIntent: senses.exitIntent,
      device: senses.device,
      operatorsOnline: told.operators_online,
      country: told.country,
    };
    return {
      set: told,
      read: this.#read,
      facts: factsOf(here, told.visitor?.facts),
      now: Date.now() + ahead,
      visitor: this.#visitor,
      visitSince: visit.since + ahead,
      openDialog: Date.now() < this.#dialogUntil || this.#isWriting,
      shown: this.#shownBefore(),
      history: this.#past,
    };
  }

  #shownBefore(): Shown[] {
    const { entries } = this.#log;
    const history = this.#history;
    if (this.#shown.entries !== entries || this.#shown.history !== history) {
      const all = [...history.elsewhere, ...entries.map(([id, at]): Shown => [id, at + history.ahead])];
      this.#shown = { entries, history, all };
    }
    return this.#shown.all!;
  }

  /** Words that are not sent yet are a dialog, too. */
  get #isWriting(): boolean {
    const field = this.shell.root.activeElement as HTMLTextAreaElement | null;
    return Boolean(field?.value);
  }

  #dialogIsOpen() {
    this.#dialogUntil = Date.now() + SILENCE_MS;
  }

  /** What the page calls, and what it is told. */
  #hear(verb: unknown, data: unknown) {
    const isCall = typeof data !== 'object';
    if (verb === 'event' && isCall) this.#eventTold(String(data));
    if (verb === 'page') this.#pageTold(data as WantedPage);
    if (verb === 'send' && !isCall) this.#said((data as { client_id: string }).client_id);
    if (verb === 'message') this.#answered((data as { id: string }).id);
    if (verb === 'clientId' || verb === 'contacts') this.#loadSoon();
    if (verb === 'logout') return this.#forget();
    if (verb === 'destroy') return this.#destroy();
    if (verb === 'open') this.#stage.opened();
    // A call is heard before it is done.
    if (verb === 'close' || verb === 'setLocale') queueMicrotask(() => this.#stage.draw());
    if (SPEAKS.test(String(verb)) && (verb !== 'event' || isCall)) this.#server.keepToken();
  }

  #eventTold(name: string) {
    this.#visit.event(name);
    if (this.#told) this.#ask('event');
    else this.#isEventDue = true;
  }

  #pageTold(page: WantedPage = {}) {
    if (this.#pages) this.#pages.set(page.url, page.title);
    else this.#wantedPage = page;
  }

  /** The visitor has written: whatever invited him has done its part. */
  #said(clientId: string) {
    this.#dialogIsOpen();
    const { scene } = this.#stage;
    if (!this.#told?.rules.find(({ id }) => id === scene?.rule)?.over) this.#stage.clear();
    void this.shell.withCore((core) => {
      const look = () => {
        if (core.view.entries.some((entry) => entry.client_id === clientId)) return;
        forget();
        this.#acts.dialogBegins();
      };
      const forget = core.onChange(look);
      this.#ending.signal.addEventListener('abort', forget);
    });
  }

  #answered(id: string) {
    void this.shell.withCore((core) => {
      const message = core.view.messages.find((one) => one.id === id);
      if (message?.author.kind === 'operator') this.#dialogIsOpen();
    });
  }

  /** Whoever comes next is somebody new. */
  #forget() {
    this.#server.forgetGuest();
    this.#log.forget();
    this.#stage.clear();
    this.#dialogUntil = -Infinity;
    clearTimeout(this.#refresh);
    this.#refresh = setTimeout(() => void this.#load(), SETTLE_MS);
  }

  #destroy() {
    clearTimeout(this.#refresh);
    this.#ending.abort();
    this.shell.ears = undefined;
  }
}

function withoutHash(address: string): string {
  return address.split('#')[0]!;
}

/** Whether some rule asks for a fact whose name begins so. */
function asks({ rules }: SiteRules, fact: string): boolean {
  return JSON.stringify(rules.map(({ when }) => when)).includes(`["${fact}`);
}

const startsOf = ({ rules }: SiteRules): Set<Start> => new Set(rules.map(({ start }) => start));
