import type { Forms, Shell } from '../shell';
import { consentLine } from './consent';
import { formNode } from './form';
import css from './forms.css?inline';
import { offer } from './offer';
import { ratingForm, ratingNode } from './rating';

const FULL_SCREEN = '(max-width: 479px), (max-height: 419px)';

/** Draws what is asked of the visitor: by a menu button, a suggest, an auto-action, or by the owner before the chat. */
export async function create(shell: Shell): Promise<Forms> {
  const core = await shell.part('core');
  shell.adopt(css);
  const forget = core.onChange(() => offer(shell, core));
  const wasAgreed = core.view.isAgreed;
  let line: HTMLElement | null = null;
  let drawn: { form: object | null; locale: string } | undefined;
  offer(shell, core);

  return {
    draw(slot) {
      const { form } = core.view;
      const { locale } = shell;
      if (drawn?.form === form && drawn.locale === locale) return;
      if (drawn?.locale !== locale) line = consentLine(shell, core, wasAgreed);
      drawn = { form, locale };
      // Whoever was in the form is not thrown out of the dialog with it.
      const hadFocus = slot.contains(shell.root.activeElement);
      const isRating = form?.button.kind === 'rating';
      const node = form && (isRating ? ratingNode(shell, core, form) : formNode(shell, core, form));
      slot.replaceChildren(...[line, node].filter((part) => part !== null));
      // What is agreed to stands before the button that sends.
      if (node && line) node.querySelector('.acts')!.before(line);
      const isQuiet = form?.button.isQuiet || matchMedia(FULL_SCREEN).matches;
      // One of the owner's takes the focus over from the panel, where it has it.
      const isAsked = form?.button.kind ? shell.root.activeElement && !isQuiet : !form?.button.isQuiet;
      if (node && (hadFocus || isAsked))
        node.querySelector<HTMLElement>('.field')?.focus({ preventScroll: true });
      else if (hadFocus) slot.parentElement!.focus();
    },
    askRating: () => core.showForm(ratingForm()),
    destroy: forget,
  };
}
