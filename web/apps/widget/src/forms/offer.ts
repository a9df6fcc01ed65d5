import type { AskedForm } from '../contract';
import type { Form } from '../core/view';
import { textIn } from '../labels';
import type { Core, Shell } from '../shell';
import { isRated, ratingForm } from './rating';
import { wordsOf } from './words';

/** Shows the owner's form where nothing was said yet, and takes it away when it has no reason any more. */
export function offer(shell: Shell, core: Core) {
  const { view } = core;
  const { forms } = shell.config;
  const shown = view.form?.button.kind;
  if (shown === 'rating') return;
  if (view.closedId && shell.config.appearance.rating && !view.form && !isRated(shell, view.closedId))
    return core.showForm(ratingForm());
  const hasSaid = view.messages.length > 0 || view.entries.length > 0;
  const isBack = shown === 'offline' && view.operatorsOnline && !isTouched(shell);
  if (shown && (hasSaid || isBack)) return core.showForm(null);
  if (view.form || hasSaid || view.isOff || !shell.isOpen || !forms) return;
  // Somebody who has been here before may have said something.
  const { store, prefix } = shell;
  if (view.history !== 'ready' && store[prefix + 'visitor']) return;
  if (!view.operatorsOnline && forms.offline) core.showForm(formOf(shell, 'offline', forms.offline));
  else if (forms.before && !store[prefix + 'before']) core.showForm(formOf(shell, 'before', forms.before));
}

function formOf({ locale }: Shell, kind: 'before' | 'offline', { text, text_en, fields }: AskedForm): Form {
  return {
    kind,
    label: { ru: wordsOf('ru')[kind], en: wordsOf('en')[kind] },
    text: textIn(locale, text, text_en),
    target: { fields },
  };
}

/** What somebody writes in is not taken from under his hands. */
function isTouched({ root }: Shell): boolean {
  const fields = [...root.querySelectorAll<HTMLInputElement>('.call .field')];
  return fields.some((field) => field.value);
}
