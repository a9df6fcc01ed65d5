import type { View } from '../core/view';
import { textIn } from '../labels';
import type { Shell } from '../shell';
import { Icon } from './icons';
import { replyWithin, type Words } from './words';

export function Header({ shell, view, words }: { shell: Shell; view: View; words: Words }) {
  const { appearance, project, reply_minutes: minutes } = shell.config;
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
  const available = minutes === null ? words.online : replyWithin(shell.locale, minutes);

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
        <p>{view.isOff ? words.switchedOff : isHere ? available : words.away}</p>
      </div>
      {close('close')}
    </header>
  );
}

function lastOperator(view: View): string | null {
  const message = [...view.messages]
    .reverse()
    .find(({ author }) => author.kind === 'operator' && author.name);
  return message?.author.name ?? null;
}
