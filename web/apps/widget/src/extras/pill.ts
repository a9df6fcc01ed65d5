import { onBrand, safeBrand } from '../loader/colour';
import { element, icon } from '../loader/elements';
import type { Pill } from '../shell';

/** A white pill with a coloured disc: a link where there is an address, a button otherwise. */
export function pillOf({ label, colour, path, image, href, newTab, press }: Pill): HTMLElement {
  const disc = element(
    'span',
    { class: 'disc' },
    image ? element('img', { src: image, alt: '' }) : icon(path),
  );
  const fill = safeBrand(colour);
  disc.style.background = fill;
  disc.style.color = onBrand(fill);
  const pill = href
    ? element('a', { href, ...(newTab && { target: '_blank', rel: 'noreferrer' }) })
    : element('button', { type: 'button' });
  pill.className = 'pill';
  pill.title = label;
  pill.append(disc, element('span', { class: 'label' }, label));
  pill.onclick = press;
  return pill;
}
