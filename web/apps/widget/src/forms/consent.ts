import { textIn } from '../labels';
import { element } from '../loader/elements';
import type { Core, Shell } from '../shell';
import { wordsOf } from './words';

/** What the visitor agrees to by writing, or has to agree to with a box. Who has done so before is not asked again. */
export function consentLine({ config, locale }: Shell, core: Core, wasAgreed: boolean): HTMLElement | null {
  const { text = '', text_en, url, required = false } = config.appearance.consent ?? {};
  if (!text || (required && wasAgreed)) return null;
  const words = textIn(locale, text, text_en);
  const isLink = url && /^https?:/i.test(url);
  const more = isLink ? [' ', link(url, wordsOf(locale).more, wordsOf(locale).newTab)] : [];
  if (!required) return element('p', { class: 'agree' }, words, ...more);
  const box = element('input', { type: 'checkbox', required: '' });
  box.checked = core.view.isAgreed;
  box.onchange = () => core.agree(box.checked);
  // A press on the link inside follows it and does not tick the box.
  return element('p', { class: 'agree' }, element('label', {}, box, element('span', {}, words, ...more)));
}

function link(href: string, label: string, newTab: string): HTMLElement {
  const said = element('span', { class: 'sr' }, ` (${newTab})`);
  return element('a', { href, target: '_blank', rel: 'noreferrer' }, label, said);
}
