import type { View } from '../core/view';
import { textIn } from '../labels';
import type { Extras, Shell } from '../shell';
import { Icon } from './icons';
import type { Words } from './words';

interface Props {
  shell: Shell;
  extras: Extras | undefined;
  view: View;
  words: Words;
}

export function Header({ shell, extras, view, words }: Props) {
  const { appearance, project } = shell.config;
  const answering = view.operatorName ?? lastOperator(view);
  const greeter = appearance.operator;
  const operator = answering || textIn(shell.locale, greeter?.name, greeter?.name_en);
  const photo = answering ? null : greeter?.photo_url;
  const isRussian = shell.locale === 'ru';
  const name = isRussian && !/[«"]/.test(project.name) ? `«${project.name}»` : project.name;
  const title = operator
    ? `${operator}, ${name}`
    : textIn(shell.locale, appearance.title, appearance.title_en) || project.name;
  const initial = (operator || title).match(/[\p{L}\p{N}]/u)?.[0].toUpperCase();

  const isHere = view.operatorsOnline && !view.isOff;

  const close = (name: 'close' | 'back') => (
    <button
      type="button"
      class={`icon ${name}`}
      aria-label={words.close}
      title={words.close}
      onClick={() => shell.close()}
    >
      <Icon name={name} />
    </button>
  );
  return (
    <header>
      {close('back')}
      <div class="avatar" aria-hidden="true">
        {photo ? <img class="avatar" src={new URL(photo, shell.origin).href} alt="" /> : initial}
        <i class={isHere ? 'dot on' : 'dot'} />
      </div>
      <div class="who">
        <h2 id="title">{title}</h2>
        <p>
          {view.isOff
            ? words.switchedOff
            : (extras?.reply(isHere, view.place) ?? (isHere ? words.online : words.away))}
        </p>
      </div>
      {close('close')}
    </header>
  );
}

function lastOperator(view: View): string | null {
  const message = view.messages.findLast(({ author }) => author.kind === 'operator' && author.name);
  return message?.author.name ?? null;
}
