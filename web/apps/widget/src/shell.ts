import type { Config, Locale, MenuButton } from './contract';
import type { Values, View } from './core/view';

/**
 * The seams between the three scripts. The loader (w.js) owns the Shell; the core (socket, outbox) and the panel come
 * later by dynamic import and know each other only through these types, so no code is shared between the chunks.
 */
export interface Shell {
  readonly origin: string;
  readonly key: string;
  readonly config: Config;
  readonly locale: Locale;
  readonly setup: { language?: string; clientId?: string };
  readonly root: ShadowRoot;
  /** The site's own localStorage, or a plain object where storage is refused: both are used by property. */
  readonly store: Record<string, string>;
  readonly prefix: string;
  readonly isOpen: boolean;
  emit(event: string, data?: unknown): void;
  setUnread(count: number): void;
  open(): void;
  close(): void;
  /** The visitor's own link to the bot of this site. */
  telegram(): void;
  drawMenu(pills: Pill[]): void;
  /** Where menu buttons stand: beside the launcher, or in the panel where it fills the screen. */
  readonly menu: HTMLElement;
  /** Puts them beside the launcher again. */
  homeMenu(): void;
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

export interface Core {
  readonly view: View;
  onChange(listener: () => void): () => void;
  call(verb: string, args: unknown[]): unknown;
  connect(): void;
  /** The panel has been shown or hidden. */
  panelShown(isShown: boolean): void;
  send(text: string, attachments?: View['entries'][number]['attachments'], pressed?: string): void;
  retry(clientId: string): void;
  /** Opens the form of a menu button, or closes it. */
  showForm(button: MenuButton | null): void;
  callBack(values: Values, text: string): void;
  /** Another language, or another hour. */
  drawMenu(): void;
  loadOlder(): void;
  typing(): void;
  linkPressed(url: string): void;
  upload(file: File, onProgress: (share: number) => void, signal: AbortSignal): Promise<UploadResult>;
  telegramUrl(): Promise<string>;
  destroy(): void;
}

export type UploadResult =
  | { attachment: View['entries'][number]['attachments'][number] }
  /** `detail` is the server's own sentence, null when there was no answer at all. */
  | { refused: { detail: string | null } };

export interface Panel {
  show(takesFocus: boolean): void;
  hide(): void;
  update(): void;
  destroy(): void;
}

export interface CoreModule {
  createCore(shell: Shell): Core;
}

export interface PanelModule {
  createPanel(shell: Shell, core: Core): Panel;
}
