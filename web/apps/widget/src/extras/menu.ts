import { currentDevice, isForDevice, isWithinHours, MENU_PICTURES, pictureOf } from '@otklik/chat/menu';
import { element } from '../loader/elements';
import type { Config, MenuButton } from '../contract';
import { labelOf } from '../labels';
import type { Pill, Shell } from '../shell';
import { pillOf } from './pill';
import { openTelegram } from './telegram';

const LOOK_MS = 20_000;
/** Beside the launcher; the others stand above. */
const IN_ROW = 4;

/** Which menu buttons stand beside the launcher now, and what each of them does. */
export class Menu {
  readonly box = element('div', { class: 'menu' });
  readonly #more = element('div', { class: 'more' });
  #drawn = '';
  readonly #timer: ReturnType<typeof setInterval> | undefined;
  readonly #size: ResizeObserver | undefined;

  constructor(private readonly shell: Shell) {
    if (!shell.config.menu_buttons?.length) return;
    const { bar } = shell.launcher;
    this.home();
    // Hints stand above the column, which grows and shrinks by itself.
    this.#size = new ResizeObserver(([entry]) => {
      const { height } = entry!.contentRect;
      bar.style.setProperty('--ok-menu', `${height && height + 12}px`);
    });
    this.#size.observe(this.box);
    this.draw();
    // Hours begin and end while the page is open.
    this.#timer = setInterval(() => this.draw(), LOOK_MS);
  }

  home() {
    this.shell.launcher.fab.before(this.box);
  }

  /** Nothing is drawn anew without a reason: a button that has the focus keeps it. */
  draw() {
    const { shell } = this;
    this.box.hidden = !shell.isOpen && shell.config.appearance.menu !== 'always';
    if (this.box.hidden) return;
    const shown = buttonsAt(new Date(), shell.config);
    const drawn = [shell.locale, ...shown.map((button) => button.id)].join();
    if (drawn === this.#drawn) return;
    this.#drawn = drawn;
    const pills = shown.map((button) => pillOf(pillFor(shell, button)));
    this.#more.replaceChildren(...pills.splice(IN_ROW));
    this.box.replaceChildren(...pills, this.#more);
  }

  stop() {
    clearInterval(this.#timer);
    this.#size?.disconnect();
  }
}

/** Those of this hour and of this device. */
export function buttonsAt(now: Date, { menu_buttons = [], time_zone = 'UTC' }: Config): MenuButton[] {
  const device = currentDevice();
  const fits = ({ devices, hours }: MenuButton) =>
    isForDevice(devices, device) && (!hours || isWithinHours(hours, time_zone, now));
  return menu_buttons.filter(fits);
}

/** What a menu button looks like and does. */
export function pillFor(shell: Shell, button: MenuButton): Pill {
  const { kind, channel, new_tab } = button.target;
  const href = addressOf(button);
  const image = button.image;
  const url = image?.url && new URL(image.url, shell.origin).href;
  const name = (image?.set ?? pictureOf(kind, channel)) as keyof typeof MENU_PICTURES;
  return {
    label: labelOf(button, shell.locale),
    colour: button.colour ?? shell.config.appearance.brand,
    path: MENU_PICTURES[name],
    image: url || undefined,
    href,
    newTab: new_tab ?? kind === 'channel',
    press: () => (href ? shell.emit('link', href) : press(shell, button)),
  };
}

function press(shell: Shell, button: MenuButton) {
  const { kind, name } = button.target;
  if (kind === 'channel') return openTelegram(shell);
  if (kind === 'event') return shell.emit('menu', { name, id: button.id });
  if (kind === 'scenario') void shell.withCore((core) => core.launch(button));
  if (kind === 'callback') void shell.withCore((core) => core.showForm(button));
  shell.open();
}

/** Nothing but what a link may be is ever followed. */
function addressOf({ target }: MenuButton): string | undefined {
  const url = target.phone ? 'tel:' + target.phone.replace(/[^+\d]/g, '') : target.url;
  return url && /^(https?|mailto|tel):/i.test(url) ? url : undefined;
}
