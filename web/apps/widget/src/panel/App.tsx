import { hooked, useEffect, useRef, useState } from './hooks';
import type { Core, Extras, Shell } from '../shell';
import { Composer } from './Composer';
import { Header } from './Header';
import { Mark } from './icons';
import { Log } from './Log';
import { useUploads } from './uploads';
import { wordsOf } from './words';

interface Props {
  shell: Shell;
  core: Core;
  extras: Extras | undefined;
  isShown: boolean;
  isModal: boolean;
}

/** Reconnecting within this time is not worth a word. */
const PATIENCE_MS = 2500;

export const App = hooked(({ shell, core, extras, isShown, isModal }: Props) => {
  const [view, setView] = useState(core.view);
  const [isLost, setLost] = useState(false);
  const [isDropping, setDropping] = useState(false);
  const panel = useRef<HTMLElement>(null);
  const shelf = useRef<HTMLDivElement>(null);
  const slot = useRef<HTMLDivElement>(null);
  const words = wordsOf(shell.locale);
  const uploads = useUploads(core);

  useEffect(() => {
    const forget = core.onChange(() => setView(core.view));
    // This runs some time after the first drawing: a quick answer may have come in between.
    setView(core.view);
    return forget;
  }, [core]);

  // A chat that is switched off is no lost connection.
  const isUp = shell.isHeld || view.isOff || view.link === 'online' || view.isPolling;
  useEffect(() => {
    if (isUp || !isShown) return setLost(false);
    const timer = setTimeout(() => setLost(true), navigator.onLine ? PATIENCE_MS : 0);
    return () => clearTimeout(timer);
  }, [isUp, isShown]);

  useKeyboardRoom(panel, isModal);

  // Where the panel fills the screen, or stands in the page, there is no place beside the launcher.
  const isShelved = isModal || shell.isEmbedded;
  useEffect(() => {
    if (!isShelved) return extras?.homeMenu();
    if (extras) shelf.current!.append(extras.menu);
  }, [extras, isShelved]);

  // Without its script there is no form: the visitor may write.
  useEffect(() => {
    if (!view.form && !shell.config.appearance.consent?.text && !slot.current!.firstChild) return;
    shell.part('forms').then(
      (forms) => forms.draw(slot.current!),
      () => core.showForm(null),
    );
  }, [view.form, view.isAgreed, shell.locale]);

  const onKeyDown = (event: KeyboardEvent) => {
    // The page sees our host element as the target, not the field: its one-letter shortcuts would eat the typing.
    event.stopPropagation();
    if (event.key !== 'Escape' || event.isComposing) return;
    event.preventDefault();
    shell.close();
  };
  const hold = (event: Event) => event.stopPropagation();

  return (
    <section
      ref={panel}
      class="panel"
      lang={shell.locale}
      role="dialog"
      aria-modal={isModal}
      aria-labelledby="title"
      tabIndex={-1}
      onKeyDown={onKeyDown}
      onKeyUp={hold}
      onKeyPress={hold}
      onDragOver={(event) => {
        if (!event.dataTransfer?.types.includes('Files')) return;
        event.preventDefault();
        setDropping(true);
      }}
      onDragLeave={(event) => {
        if (!panel.current?.contains(event.relatedTarget as Node | null)) setDropping(false);
      }}
      onDrop={(event) => {
        event.preventDefault();
        setDropping(false);
        uploads.add([...(event.dataTransfer?.files ?? [])]);
      }}
    >
      <Header shell={shell} extras={extras} view={view} words={words} />
      <Log shell={shell} core={core} view={view} words={words} isShown={isShown} isLost={isLost} />
      {(view.isOff || shell.isHeld) && (
        <p class="banner" role="status">
          {view.isOff ? words.off : words.held}
        </p>
      )}
      <div class="shelf" ref={shelf} />
      <div class="slot" ref={slot} hidden={view.isOff} />
      <Composer
        core={core}
        locale={shell.locale}
        words={words}
        uploads={uploads}
        isHidden={view.isOff || view.form !== null}
        isWatched={shell.config.typing_preview}
      />
      <p class="powered">
        {words.powered[0]}
        <Mark /> {words.powered[1]}
      </p>
      {isDropping && <div class="drop">{words.drop}</div>}
    </section>
  );
});

/** iOS lays its keyboard over the page without telling the layout: the panel follows the visible part. */
function useKeyboardRoom(panel: { current: HTMLElement | null }, isModal: boolean) {
  useEffect(() => {
    const viewport = window.visualViewport;
    const style = panel.current?.style;
    if (!isModal || !viewport || !style) return;
    const fit = () => {
      const isCovered = innerHeight - viewport.height > 80;
      style.height = isCovered ? `${viewport.height}px` : '';
      style.top = isCovered ? `${viewport.offsetTop}px` : '';
    };
    viewport.addEventListener('resize', fit);
    viewport.addEventListener('scroll', fit);
    return () => {
      viewport.removeEventListener('resize', fit);
      viewport.removeEventListener('scroll', fit);
      style.height = style.top = '';
    };
  }, [panel, isModal]);
}
