import { render } from 'preact';
import { safeBrand } from '../loader/colour';
import type { Panel, Shell } from '../shell';
import { App } from './App';
import { brandRules } from './brand';
import adapt from './styles/adapt.css?inline';
import composer from './styles/composer.css?inline';
import messages from './styles/messages.css?inline';
import panel from './styles/panel.css?inline';

/** Screens, motion and colours last: they change what stands before them. */
const css = panel + messages + composer + adapt;

/** The same border as in the style sheets: below it the panel fills the screen and the page waits behind it. */
const FULL_SCREEN = '(max-width: 479px), (max-height: 419px)';

export async function create(shell: Shell): Promise<Panel> {
  const { menu_buttons, forms, appearance, reply_minutes, opens_at } = shell.config;
  const hasForms = forms?.before || forms?.offline || appearance.consent?.text || appearance.rating;
  const [core, extras] = await Promise.all([
    shell.part('core'),
    // The chat does not wait for ever for what stands beside it.
    menu_buttons?.length || reply_minutes || opens_at
      ? shell.part('extras').catch(() => undefined)
      : undefined,
    hasForms ? shell.part('forms').catch(() => undefined) : undefined,
  ]);
  shell.adopt(css + brandRules(safeBrand(shell.config.appearance.brand)));

  const mount = document.createElement('div');
  mount.className = `mount ${shell.config.appearance.side}`;
  shell.root.prepend(mount);

  const fullScreen = matchMedia(FULL_SCREEN);
  const page = document.documentElement.style;
  let isShown = false;
  /** Full screen, over the page. */
  const isModal = () => isShown && fullScreen.matches && !shell.isEmbedded;
  let holdsPage = false;
  let isDue = false;
  let pageOverflow = '';
  let returnTo: HTMLElement | null = null;

  const draw = () => {
    mount.hidden = !isShown;
    render(<App shell={shell} core={core} extras={extras} isShown={isShown} isModal={isModal()} />, mount);
  };

  /** Full screen means modal: what is behind can be neither scrolled nor reached by keys. */
  const holdPage = () => {
    const wanted = isModal();
    if (wanted === holdsPage) return;
    holdsPage = wanted;
    document.body.inert = wanted;
    if (wanted) pageOverflow = page.overflow;
    page.overflow = wanted ? 'hidden' : pageOverflow;
  };

  const onWidth = () => {
    holdPage();
    draw();
  };
  const redraw = () => {
    isDue = false;
    if (isShown) onWidth();
  };
  fullScreen.addEventListener('change', onWidth);

  return {
    show(takesFocus) {
      if (isShown) return;
      isShown = true;
      returnTo = (shell.root.activeElement ?? document.activeElement) as HTMLElement | null;
      draw();
      if (shell.config.several_conversations) shell.part('talks').catch(() => {});
      core.panelShown(true);
      holdPage();
      if (!takesFocus) return;
      // On a phone the field would bring up the keyboard before anything has been read.
      const field = core.view.form ? '.slot .field' : 'textarea';
      const panel = mount.querySelector<HTMLElement>('.panel')!;
      const first = fullScreen.matches ? null : mount.querySelector<HTMLElement>(field);
      (first ?? panel).focus({ preventScroll: true });
    },
    hide() {
      if (!isShown) return;
      const hadFocus = Boolean(shell.root.activeElement);
      isShown = false;
      core.panelShown(false);
      holdPage();
      draw();
      if (!hadFocus) return;
      const launcher = shell.root.querySelector<HTMLElement>('.fab');
      (returnTo?.isConnected && returnTo !== document.body ? returnTo : launcher)?.focus({
        preventScroll: true,
      });
    },
    // However often this is asked for it is drawn once, and not out of sight, where it would have no heights.
    update() {
      if (!isDue) queueMicrotask(redraw);
      isDue = true;
    },
    destroy() {
      isShown = false;
      holdPage();
      extras?.homeMenu();
      fullScreen.removeEventListener('change', onWidth);
      render(null, mount);
      mount.remove();
    },
  };
}
