import type { Config, Locale } from '../contract';
import { onBrand, safeBrand } from './colour';
import { element, icon } from './elements';
import css from './launcher.css?inline';
import { launcherLabel } from './words';

const MARK =
  'M12 2a10 10 0 0 1 0 20H4a2 2 0 0 1-2-2v-8A10 10 0 0 1 12 2Zm0 5.2a4.8 4.8 0 0 0 0 9.6h3.8a1 1 0 0 0 1-1V12A4.8 4.8 0 0 0 12 7.2Z';
const CROSS = 'M18 6 6 18M6 6l12 12';
const PLANE =
  'M14.5 21.7a.5.5 0 0 0 1 0l6.5-19a.5.5 0 0 0-.7-.7l-19 6.5a.5.5 0 0 0 0 1l8 3.2a2 2 0 0 1 1 1zM22 2 11 13';

export interface Launcher {
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
  if (config.telegram?.url) {
    const pill = element(
      'button',
      { class: 'pill', type: 'button' },
      element('span', { class: 'disc' }, icon(PLANE)),
      'Telegram',
    );
    pill.onclick = events.telegram;
    bar.append(pill);
  }
  bar.append(fab);
  const frame = element('div', { class: config.appearance.side }, bar);
  root.append(frame);

  return {
    update(locale, isOpen, unread, isHidden) {
      frame.classList.toggle('open', isOpen);
      bar.hidden = isHidden;
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
      style.left = left < 0 ? 'auto' : `${left}px`;
      style.right = left < 0 ? `${-left}px` : 'auto';
      style.top = top < 0 ? 'auto' : `${top}px`;
      style.bottom = top < 0 ? `${-top}px` : 'auto';
    },
  };
}
