/** Questions of Typebot that are answered with a button. */

import { isLoose, recordIn, recordsIn, textIn, type Loose } from './loose';
import type { Piece } from './part';
import { ask, waysOf } from './inputs';
import type { BotItem } from './read';
import type { Scope } from './scope';

interface Option {
  label: string;
  /** What is said of it above the buttons. */
  about: string;
  edge: string;
  item: string;
}

const isOn = (value: unknown): boolean => isLoose(value) && value.isEnabled === true;

export const choiceInput = (scope: Scope): Piece =>
  choose(
    scope,
    scope.block.items.map(({ id, edge, raw }) => ({ label: textIn(raw.content), about: '', edge, item: id })),
  );

export const pictureInput = (scope: Scope): Piece =>
  choose(
    scope,
    scope.block.items.map(({ id, edge, raw }) => {
      const [title, about] = [textIn(raw.title), aboutItem(raw, textIn(raw.pictureSrc))];
      return { label: title, about, edge, item: id };
    }),
  );

/** Cards side by side, each with ways of its own. */
export function cardsInput(scope: Scope): Piece {
  const { items } = scope.block;
  return choose(
    scope,
    items.flatMap((item) => optionsOfCard(item, items.length > 1)),
  );
}

function optionsOfCard({ id, edge, raw }: BotItem, isOneOfMany: boolean): Option[] {
  const title = textIn(raw.title);
  const about = aboutItem(raw, textIn(raw.imageUrl));
  const paths = recordsIn(raw.paths);
  if (paths.length === 0) return [{ label: title, about, edge, item: id }];
  return paths.map((path, index) => {
    const words = textIn(path.text);
    return {
      label: isOneOfMany && title && words ? `${title}: ${words}` : words || title,
      about: index === 0 ? about : '',
      edge: textIn(path.outgoingEdgeId),
      item: textIn(path.id),
    };
  });
}

const aboutItem = (raw: Loose, picture: string): string => {
  const about = [textIn(raw.description), picture].filter(Boolean).join(' ');
  const title = textIn(raw.title);
  return about && title ? `${title}: ${about}` : about;
};

function choose(scope: Scope, options: Option[]): Piece {
  const { options: settings, items } = scope.block;
  tellLosses(scope, items);
  if (settings.dynamicVariableId || isOn(settings.dynamicItems)) scope.warn('dynamic_buttons');
  const about = options.map((option) => option.about).filter(Boolean);
  if (options.length === 0) {
    // A choice of nothing could never be answered.
    scope.warn('no_buttons');
    return ask(scope, { expect: 'text' });
  }
  const labels = options.map(({ label }, index) => labelOf(scope, label, index));
  if (settings.isMultipleChoice === true) {
    scope.warn('multiple_choice');
    const list = labels.map((label, index) => `${index + 1}. ${label}`);
    return ask(scope, { expect: 'text' }, { text: [...about, ...list].join('\n') });
  }
  const buttons = labels.map((label, index) => ({ id: `k${index + 1}`, label }));
  const aims = options.map(({ edge, item }, index) => ({
    id: `k${index + 1}`,
    to: scope.lead(edge, item),
  }));
  const [asked, ...rest] = ask(scope, { expect: 'choice' }, { text: about.join('\n'), buttons });
  return asked ? [{ ...asked, ways: waysOf(aims) }, ...rest] : [];
}

/** A button needs words: what says nothing is called by its number. */
function labelOf(scope: Scope, label: string, index: number): string {
  // Values are not put into the words of buttons.
  if (/\{\{.*\}\}/.test(label)) scope.warn('dynamic_buttons', label);
  if (label.trim()) return label.trim();
  scope.warn('button_without_text');
  return String(index + 1);
}

function tellLosses(scope: Scope, items: readonly BotItem[]) {
  const hides = items.some(
    ({ raw }) => isOn(raw.displayCondition) || isOn(recordIn(raw.options).displayCondition),
  );
  if (hides) scope.warn('hidden_buttons');
  const hasValues = items.some(
    ({ raw }) => textIn(raw.value) !== '' || textIn(recordIn(raw.options).internalValue) !== '',
  );
  if (hasValues || recordsIn(scope.block.options.saveResponseMapping).length > 0) scope.warn('button_values');
}
