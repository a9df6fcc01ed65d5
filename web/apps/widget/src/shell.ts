import type { Config, Locale, MenuButton, TellableVisit, Theme } from './contract';
import type { Told } from './core/facts';
import type { Looked } from './inspect/main';
import type { Form, Values, View } from './core/view';

/**
 * The seams between the scripts. The loader (w.js) owns the Shell; everything else comes later by dynamic import and
 * knows the others only through these types, so no code is shared between the chunks.
 */
export interface Shell {
  readonly origin: string;
  readonly key: string;
  readonly config: Config;
  readonly locale: Locale;
  readonly setup: Setup;
  readonly root: ShadowRoot;
  /** The site's own localStorage, or a plain object where storage is refused or not yet allowed: used by property. */
  store: Record<string, string>;
  readonly prefix: string;
  readonly isOpen: boolean;
  readonly unread: number;
  /** The page has not allowed it yet: no line, nothing stored. */
  isHeld: boolean;
  /** Not on this page, or not on this device; the page's own `show` and `hide` are stronger. */
  isOut: boolean;
  /** The chat stands in a place of the page and is always open. */
  isEmbedded: boolean;
  /** Here as soon as its script is. */
  presence?: Presence;
  /** Taken off the page: nothing puts it back. */
  readonly isGone: boolean;
  /** What the page told and was told: kept until the rules have come, and for nobody where there are none. */
  ears?: Ears;
  /** The launcher, and what stands beside it; here as soon as there is a configuration. */
  readonly launcher: Launcher;
  /** A later script, fetched when it is first asked for. */
  part<K extends keyof Parts>(name: K): Promise<Parts[K]>;
  withCore<T>(use: (core: Core) => T | Promise<T>): Promise<T>;
  /** A sheet of ours, in the theme that the site wants. */
  adopt(css: string): void;
  /** In another theme. */
  dress(): void;
  /** Another language, another place, another picture. */
  render(): void;
  /** What waits for the page's leave: what is asked of a returning visitor, and auto-actions. */
  begin(): void;
  emit(event: string, data?: unknown): void;
  setUnread(count: number): void;
  /** Without a word, the focus goes into the panel when a visitor's hand has opened it. */
  open(takesFocus?: boolean): void;
  close(): void;
}

/** What the page sets before the script loads. */
export interface Setup {
  language?: string;
  clientId?: string;
  theme?: Theme;
  /** Before `granted` everything stays in memory. */
  consent?: string;
  /** A selector, or the element itself. */
  container?: string | Element;
  sound?: boolean;
}

/** The later scripts by their names; each of them exports `create`. */
export interface Parts {
  core: Core;
  panel: Panel;
  rules: void;
  presence: Presence;
  teaser: Teaser;
  forms: Forms;
  inspect: Inspect;
  extras: Extras;
  calls: Calls;
  talks: Part;
}

export interface Launcher {
  /** Around the bar: its classes say on which side, and whether the panel is open. */
  readonly frame: HTMLElement;
  readonly bar: HTMLElement;
  readonly fab: HTMLElement;
  /** What is drawn on it while the chat is closed. */
  face(): SVGElement;
}

/** Calls of the page by their verb and first word, and events by their name and data. */
export interface Ears {
  push(heard: [verb: unknown, data: unknown]): unknown;
}

/** A button beside the launcher. */
export interface Pill {
  label: string;
  colour: string;
  /** A path on a grid of 24, unless there is a picture. */
  path: string;
  image?: string;
  /** Where it leads; without it a press is all. */
  href?: string;
  newTab?: boolean;
  press(): void;
}

/** Every script that draws or listens has an end and hears of another language, or of the panel's opening. */
interface Part {
  update?(): unknown;
  destroy?(): void;
}

export interface Core extends Part {
  readonly view: View;
  onChange(listener: () => void): () => void;
  readonly contactId: string | null;
  /** Anew: a line that began with a stranger is not told what is said to the contact that he became. */
  connect(anew?: boolean): void;
  /** The panel has been shown or hidden. */
  panelShown(isShown: boolean): void;
  send(text: string, attachments?: View['entries'][number]['attachments'], pressed?: string): void;
  retry(clientId: string): void;
  /** Opens a form, or closes it. */
  showForm(button: Form | null, values?: Values, fault?: string): void;
  /** Starts the scenario of a menu button or a suggest. */
  launch(button: Pick<MenuButton, 'id' | 'label'>): void;
  callBack(values: Values, text: string): void;
  /** What is asked of the server beside messages; the server's word when it refuses. */
  readonly facts: { tell(frame: Told): Promise<string | null> };
  /** The visitor has ticked the box, or taken it back. */
  agree(isAgreed: boolean): void;
  /** Whether the visitor may send; if not, the box is pointed at. */
  mayTell(): boolean;
  /** The page has allowed the line, or taken that back. */
  allow(isAllowed: boolean): void;
  loadOlder(): void;
  /** Shows another conversation of the visitor's, as {@link View.talk} names it. */
  turn(talk: string | null): void;
  /** What stands in the field now. */
  typing(text: string): void;
  upload(file: File, onProgress: (share: number) => void, signal: AbortSignal): Promise<UploadResult>;
  telegramUrl(): Promise<string>;
}

export type UploadResult =
  | { attachment: View['entries'][number]['attachments'][number] }
  /** `detail` is the server's own sentence, null when there was no answer at all. */
  | { refused: { detail: string | null } };

export interface Panel extends Part {
  show(takesFocus: boolean): void;
  hide(): void;
}

/** What a site may have and most have not: menu buttons, Telegram, another place. */
export interface Extras extends Part {
  /** Menu buttons; the panel takes them where it fills the screen. */
  readonly menu: HTMLElement;
  /** Puts them beside the launcher again. */
  homeMenu(): void;
  /** As the source product: negative numbers count from the right and from the bottom. */
  place(left: number, top: number): void;
  /** The page says where the visitor is. */
  look(url: string): void;
  /** How soon the team answers, or when it comes back: in words, where the owner says so. */
  reply(isHere: boolean, place: number): string | undefined;
  /** An operator's message is here, and nobody looks. */
  chime(): void;
}

/** Tells who is on the page, as long as the core has no line. */
export interface Presence extends Part {
  /** The page says where the visitor is. */
  page(url?: string, title?: string): void;
  readonly visit: TellableVisit;
  /** The core has a line: from now on it tells. */
  end(): void;
}

/** What an operator has written while the panel is closed. */
export type Teaser = Part;

/** What each auto-action does on this page, for an administrator. */
export interface Inspect extends Part {
  begin(looked: Looked, onend: () => void): void;
}

export interface Forms extends Part {
  /** Draws the open form into its place in the panel, or takes it away. */
  draw(slot: HTMLElement): void;
  /** Asks what the visitor thinks of the conversation. */
  askRating(): void;
}

/** The page's own calls, but for those that show and hide. */
export interface Calls extends Part {
  call(verb: string, args: unknown[]): unknown;
}
