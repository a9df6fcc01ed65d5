import { currentDevice, isForDevice, isWithinHours, MENU_PICTURES, pictureOf } from '@otklik/chat/menu';
import css from './menu.css?inline';
import type { Locale, MenuButton } from '../contract';
import type { Pill, Shell } from '../shell';

const LOOK_MS = 20_000;

/** What a press may do. */
export interface MenuPresses {
  readonly shell: Pick<
    Shell,
    'root' | 'config' | 'locale' | 'origin' | 'open' | 'emit' | 'telegram' | 'drawMenu'
  >;
  launch(button: MenuButton): void;
  showForm(button: MenuButton): void;
  linkPressed(url: string): void;
}

/** Which menu buttons stand beside the launcher now, and what each of them does. The loader draws them. */
export class Menu {
  #drawn = '';
  readonly #timer: ReturnType<typeof setInterval> | undefined;

  constructor(private readonly presses: MenuPresses) {
    const { config, root } = presses.shell;
    if (!config.menu_buttons?.length) return;
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
    this.draw();
    // Hours begin and end while the page is open.
    this.#timer = setInterval(() => this.draw(), LOOK_MS);
  }

  /** Nothing is drawn anew without a reason: a button that has the focus keeps it. */
  draw() {
    const { shell } = this.presses;
    const { menu_buttons = [], time_zone = 'UTC' } = shell.config;
    const now = new Date();
    const device = currentDevice();
    const fits = (button: MenuButton) =>
      isForDevice(button.devices, device) && (!button.hours || isWithinHours(button.hours, time_zone, now));
    const shown = menu_buttons.filter(fits);
    const drawn = [shell.locale, ...shown.map((button) => button.id)].join();
    if (drawn === this.#drawn) return;
    this.#drawn = drawn;
    shell.drawMenu(shown.map((button) => this.#pill(button)));
  }

  #pill(button: MenuButton): Pill {
    const { shell } = this.presses;
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
      press: () => (href ? this.presses.linkPressed(href) : this.#press(button)),
    };
  }

  #press(button: MenuButton) {
    const { shell } = this.presses;
    const { kind, name } = button.target;
    if (kind === 'channel') return shell.telegram();
    if (kind === 'event') return shell.emit('menu', { name, id: button.id });
    if (kind === 'scenario') this.presses.launch(button);
    if (kind === 'callback') this.presses.showForm(button);
    shell.open();
  }

  stop() {
    clearInterval(this.#timer);
  }
}

/** In the visitor's language, in Russian where there is no other. */
export function labelOf({ label }: MenuButton, locale: Locale): string {
  return label[locale] || label.ru;
}

/** Nothing but what a link may be is ever followed. */
function addressOf({ target }: MenuButton): string | undefined {
  const url = target.phone ? 'tel:' + target.phone.replace(/[^+\d]/g, '') : target.url;
  return url && /^(https?|mailto|tel):/i.test(url) ? url : undefined;
}
