import { hooked, useEffect, useRef, useState } from './hooks';
import type { Message } from '../contract';
import type { View } from '../core/view';
import { textIn } from '../labels';
import type { Core, Shell } from '../shell';
import { Bubble } from './Bubble';
import { Icon } from './icons';
import { rowsOf } from './rows';
import { dayAndTime, type Words } from './words';

interface Props {
  shell: Shell;
  core: Core;
  view: View;
  words: Words;
  isShown: boolean;
  isLost: boolean;
}

const NEAR_PX = 60;

export const Log = hooked(({ shell, core, view, words, isShown, isLost }: Props) => {
  const { locale, origin } = shell;
  const { appearance } = shell.config;
  const [openedAt] = useState(() => new Date().toISOString());
  const rows = rowsOf(view, isLost);
  const scroll = useScroll(rows[0]?.key, rows.at(-1)?.key, rows.at(-1)?.isOurs ?? false, isShown);
  const replies = view.entries[0] ? [] : repliesOf(view.messages.at(-1));
  const greeting =
    !view.hasOlder &&
    view.history !== 'loading' &&
    textIn(locale, appearance.greeting, appearance.greeting_en);
  const isEmpty =
    !rows.length && !greeting && !view.isOff && view.history !== 'loading' && view.history !== 'failed';
  const typingName = view.typing || words.support;

  return (
    <>
      <div class="middle">
        <div
          class="log"
          ref={scroll.box}
          role="log"
          aria-live="off"
          tabIndex={0}
          aria-labelledby="title"
          onScroll={() => {
            scroll.onScroll();
            if (scroll.box.current!.scrollTop < NEAR_PX) core.loadOlder();
          }}
        >
          <div class="rows" ref={scroll.content}>
            {view.hasOlder && view.history === 'ready' && (
              <button type="button" class="quiet" onClick={() => core.loadOlder()}>
                {words.older}
              </button>
            )}
            {view.history === 'loading' && !view.messages.length && <p class="day">{words.loading}</p>}
            {view.history === 'failed' && (
              <p class="day" role="status">
                {words.historyFailed}.{' '}
                <button type="button" class="link" onClick={() => core.loadOlder()}>
                  {words.retry}
                </button>
              </p>
            )}
            {isEmpty && <p class="day">{words.hint}</p>}
            {greeting && (
              <div class="row">
                <div class="bubble">{greeting}</div>
              </div>
            )}
            {rows.map((row) => (
              <div key={row.key} class="item">
                {row.isDated && <p class="day">{dayAndTime(locale, row.at, new Date())}</p>}
                <Bubble
                  row={row}
                  locale={locale}
                  origin={origin}
                  isFresh={row.at > openedAt}
                  onRetry={(clientId) => core.retry(clientId)}
                  onLink={(url) => shell.emit('link', url)}
                />
              </div>
            ))}
            {view.typing !== null && (
              <div class="row">
                <div class="bubble typing" role="img" aria-label={`${typingName} ${words.typing}`}>
                  <i />
                  <i />
                  <i />
                  <span>{words.typing}</span>
                </div>
              </div>
            )}
          </div>
        </div>
        {scroll.isAway && (
          <button
            type="button"
            class="newest"
            aria-label={words.newest}
            title={words.newest}
            onClick={scroll.toEnd}
          >
            <Icon name="down" />
          </button>
        )}
        <Announcer messages={view.messages} isShown={isShown} words={words} />
      </div>
      {replies[0] && (
        <div class="replies">
          {replies.map((button) => (
            <button
              key={button.id}
              type="button"
              class="chip"
              onClick={() => core.send(button.label, [], button.id)}
            >
              {button.label}
            </button>
          ))}
        </div>
      )}
      {isLost && (
        <p class="banner" role="status">
          {words.offline}
        </p>
      )}
    </>
  );
});

/** Answers are read out only while the panel is open, and only those that came while it was. */
const Announcer = hooked(
  ({ messages, isShown, words }: { messages: Message[]; isShown: boolean; words: Words }) => {
    const last = messages.at(-1);
    const known = useRef<string | undefined>(undefined);
    const [said, say] = useState('');
    useEffect(() => {
      const isNew = known.current !== undefined && last && last.id !== known.current;
      known.current = last?.id ?? '';
      if (!isNew || !isShown || last.author.kind === 'client') return;
      const files = (last.content.attachments ?? []).map((file) => file.name);
      say(`${last.author.name ?? words.support}: ${[last.content.text ?? '', ...files].join(' ')}`);
    }, [last, isShown, words]);
    return (
      <div class="sr" aria-live="polite">
        {said}
      </div>
    );
  },
);

/** Stays at the end while the reader is there, and keeps the line being read in place when older ones are added. */
function useScroll(first: string | undefined, last: string | undefined, isOurs: boolean, isShown: boolean) {
  const box = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const state = useRef({ isAtEnd: true, height: 0, first });
  const [isAway, setAway] = useState(false);

  const toEnd = () => {
    const node = box.current!;
    node.scrollTop = node.scrollHeight;
  };
  useEffect(() => {
    const node = box.current!;
    const { height, first: known } = state.current;
    const isOlderAdded = known !== undefined && first !== known;
    if (isOlderAdded && !state.current.isAtEnd) node.scrollTop += node.scrollHeight - height;
    state.current.first = first;
    state.current.height = node.scrollHeight;
  }, [first, last]);
  useEffect(() => {
    if (isOurs) toEnd();
  }, [last, isOurs]);
  useEffect(() => {
    if (isShown && state.current.isAtEnd) toEnd();
  }, [isShown, last]);
  useEffect(() => {
    // Pictures, typing dots and the keyboard change heights without a new message.
    const observer = new ResizeObserver(() => {
      // The last call may come after the panel is gone.
      if (!box.current) return;
      state.current.height = box.current.scrollHeight;
      if (state.current.isAtEnd) toEnd();
    });
    observer.observe(content.current!);
    observer.observe(box.current!);
    return () => observer.disconnect();
  }, []);
  const onScroll = () => {
    const node = box.current!;
    const isAtEnd = node.scrollHeight - node.scrollTop - node.clientHeight < NEAR_PX;
    state.current.isAtEnd = isAtEnd;
    setAway(!isAtEnd);
  };
  return { box, content, isAway, onScroll, toEnd };
}

function repliesOf(message: Message | undefined) {
  if (!message || message.author.kind === 'client') return [];
  return (message.content.buttons ?? []).flat().filter((button) => button.kind === 'reply');
}
