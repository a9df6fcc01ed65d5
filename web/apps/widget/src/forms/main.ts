import type { Forms, Shell } from '../shell';
import { callForm } from './form';
import css from './forms.css?inline';

/** Draws what a menu button, a suggest or an auto-action asks of the visitor. */
export async function create(shell: Shell): Promise<Forms> {
  const core = await shell.part('core');
  shell.adopt(css);
  let drawn: { form: object; locale: string } | null = null;
  return {
    draw(slot) {
      const { form } = core.view;
      if (form === (drawn?.form ?? null) && shell.locale === (drawn?.locale ?? shell.locale)) return;
      drawn = form && { form, locale: shell.locale };
      // Whoever was in the form is not thrown out of the dialog with it.
      const hadFocus = slot.contains(shell.root.activeElement);
      const node = form && callForm(core, form, shell.locale);
      slot.replaceChildren(...(node ? [node] : []));
      if (node && (hadFocus || !form!.button.isQuiet)) {
        node.querySelector('input')?.focus({ preventScroll: true });
      } else if (hadFocus) slot.parentElement!.focus();
    },
  };
}
