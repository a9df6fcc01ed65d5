import type { Config, Locale } from '../contract';
import type { Launcher } from '../shell';
import { onBrand, safeBrand } from './colour';
import { element, icon } from './elements';
import { launcherLabel } from './words';

const MARK =
  'M12 2a10 10 0 0 1 0 20H4a2 2 0 0 1-2-2v-8A10 10 0 0 1 12 2Zm0 5.2a4.8 4.8 0 0 0 0 9.6h3.8a1 1 0 0 0 1-1V12A4.8 4.8 0 0 0 12 7.2Z';
const CROSS = 'M18 6 6 18M6 6l12 12';

export interface DrawnLauncher extends Launcher {
  update(locale: Locale, isOpen: boolean, unread: number, isHidden: boolean): void;
}

export function createLauncher(root: ShadowRoot, config: Config): DrawnLauncher {
  const badge = element('span', { class: 'badge', 'aria-hidden': 'true' });
  const fab = element(
    'button',
    { class: 'fab', type: 'button', 'aria-haspopup': 'dialog' },
    icon(CROSS),
    badge,
  );
  const bar = element('div', { class: 'bar' }, fab);
  const frame = element('div', { class: config.appearance.side }, bar);
  root.append(frame);

  return {
    frame,
    bar,
    fab,
    face: () => icon(MARK, true),
    update(locale, isOpen, unread, isHidden) {
      frame.classList.toggle('open', isOpen);
      bar.hidden = isHidden;
      fab.setAttribute('aria-label', launcherLabel(locale, isOpen, unread));
      fab.setAttribute('aria-expanded', String(isOpen));
      badge.hidden = isOpen || !unread;
      badge.textContent = unread > 99 ? '99+' : String(unread);
      fab.firstChild!.replaceWith(isOpen ? icon(CROSS) : this.face());
    },
  };
}

/** The colours of the customer, and how far from the corner. */
export function ownCss({ appearance: { brand, offset } }: Config): string {
  const safe = safeBrand(brand);
  const { x, y } = offset ?? { x: 24, y: 24 };
  return `:host{--ok-brand:${safe};--ok-on-brand:${onBrand(safe)};--ok-x:${+x}px;--ok-y:${+y}px}`;
}
