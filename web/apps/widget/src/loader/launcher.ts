import type { Config, Locale } from '../contract';
import { onBrand, safeBrand } from './colour';
import type { Pill } from '../shell';
import { element, icon } from './elements';
import css from './launcher.css?inline';
import { launcherLabel } from './words';

const MARK =
  'M12 2a10 10 0 0 1 0 20H4a2 2 0 0 1-2-2v-8A10 10 0 0 1 12 2Zm0 5.2a4.8 4.8 0 0 0 0 9.6h3.8a1 1 0 0 0 1-1V12A4.8 4.8 0 0 0 12 7.2Z';
const CROSS = 'M18 6 6 18M6 6l12 12';
const PLANE = 'm21 4-3 16-6-5-3 4-1-6-6-2Zm0 0L8 13';

const IN_ROW = 4;

export interface Launcher {
  readonly menu: HTMLElement;
  drawMenu(pills: Pill[]): void;
  homeMenu(): void;
  update(locale: Locale, isOpen: boolean, unread: number, isHidden: boolean): void;
  focus(): void;
  place(left: number, top: number): void;
}

export interface LauncherEvents {
  toggle(): void;
  /** The visitor is about to open: a good moment to fetch the panel. */
  near(): void;
  telegram(): void;
}

export function createLauncher(root: ShadowRoot, config: Config, events: LauncherEvents): Launcher {
  const brand = safeBrand(config.appearance.brand);
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css + `:host{--ok-brand:${brand};--ok-on-brand:${onBrand(brand)}}`);
  root.adoptedStyleSheets = [sheet];

  const badge = element('span', { class: 'badge', 'aria-hidden': 'true' });
  const fab = element('button', { class: 'fab', type: 'button', 'aria-haspopup': 'dialog' });
  fab.onclick = events.toggle;
  fab.onpointerenter = fab.onfocus = events.near;
  const bar = element('div', { class: 'bar' });
  // The owner's own button for Telegram takes the place of ours.
  const isInMenu = config.menu_buttons?.some(({ target }) => target.channel === 'telegram');
  if (config.telegram?.url && !isInMenu) {
    bar.append(pillOf({ label: 'Telegram', colour: '#0d74ce', path: PLANE, press: events.telegram }));
  }
  const more = element('div', { class: 'more' });
  const menu = element('div', { class: 'menu' });
  bar.append(menu, fab);
  const frame = element('div', { class: config.appearance.side }, bar);
  root.append(frame);

  return {
    menu,
    /** The first four beside the launcher, the others above. */
    drawMenu(pills) {
      const drawn = pills.map(pillOf);
      more.replaceChildren(...drawn.splice(IN_ROW));
      menu.replaceChildren(...drawn, more);
    },
    homeMenu: () => fab.before(menu),
    update(locale, isOpen, unread, isHidden) {
      frame.classList.toggle('open', isOpen);
      bar.hidden = isHidden;
      menu.hidden = !isOpen && config.appearance.menu !== 'always';
      fab.setAttribute('aria-label', launcherLabel(locale, isOpen, unread));
      fab.setAttribute('aria-expanded', String(isOpen));
      badge.hidden = isOpen || !unread;
      badge.textContent = unread > 99 ? '99+' : String(unread);
      fab.replaceChildren(isOpen ? icon(CROSS) : icon(MARK, true), badge);
    },
    focus: () => fab.focus(),
    /** As the source product: negative numbers count from the right and from the bottom. */
    place(left, top) {
      const style = bar.style;
      // A column of menu buttons goes where there is room for it.
      frame.classList.toggle('left', left >= 0);
      frame.classList.toggle('low', top >= 0);
      style.left = left < 0 ? 'auto' : `${left}px`;
      style.right = left < 0 ? `${-left}px` : 'auto';
      style.top = top < 0 ? 'auto' : `${top}px`;
      style.bottom = top < 0 ? `${-top}px` : 'auto';
    },
  };
}

function pillOf({ label, colour, path, image, href, newTab, press }: Pill): HTMLElement {
  const disc = element(
    'span',
    { class: 'disc' },
    image ? element('img', { src: image, alt: '' }) : icon(path),
  );
  const fill = safeBrand(colour);
  disc.style.background = fill;
  disc.style.color = onBrand(fill);
  const pill = href
    ? element('a', { href, ...(newTab && { target: '_blank', rel: 'noopener noreferrer' }) })
    : element('button', { type: 'button' });
  pill.className = 'pill';
  pill.title = label;
  pill.append(disc, element('span', { class: 'label' }, label));
  pill.onclick = press;
  return pill;
}
