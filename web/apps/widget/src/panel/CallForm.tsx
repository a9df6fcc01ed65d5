import type { View } from '../core/view';
import type { Core } from '../shell';
import { hooked, useEffect, useRef } from './hooks';
import type { Words } from './words';

interface Props {
  core: Core;
  words: Words;
  form: NonNullable<View['form']>;
}

/** Kinds that browsers name otherwise; of what they do not know they make a text. */
const TYPES: Record<string, string> = { phone: 'tel', link: 'url' };

/** A few fields of the client in place of the composer. The browser says what is missing or wrong in them. */
export const CallForm = hooked(({ core, words, form }: Props) => {
  const node = useRef<HTMLFormElement>(null);
  useEffect(() => {
    const fields = node.current!;
    const panel = fields.parentElement!;
    if (!form.button.isQuiet) fields.querySelector('input')?.focus({ preventScroll: true });
    // Whoever was in the form is not thrown out of the dialog with it.
    return () => fields.matches(':focus-within') && panel.focus();
  }, []);

  const submit = (event: Event) => {
    event.preventDefault();
    const inputs = [...node.current!.querySelectorAll('input')];
    const values = Object.fromEntries(inputs.map((input) => [input.name, input.value.trim()]));
    core.callBack(values, `${form.title}: ${Object.values(values).join(', ')}`);
  };

  return (
    <form class="composer call" ref={node} aria-label={form.title} onSubmit={submit}>
      <b>{form.title}</b>
      {form.button.target.fields!.map(({ key, title, kind }) => (
        <label key={key}>
          {title}
          <input
            class="field"
            name={key}
            type={(TYPES[kind] ?? kind) as 'text'}
            pattern={kind === 'phone' ? '\\D*(\\d\\D*){7,15}' : '.*\\S.*'}
            title={words.wrong}
            autocomplete={TYPES[kind] ?? key}
            defaultValue={form.values[key]}
            maxLength={200}
            required
          />
        </label>
      ))}
      {form.fault !== null && (
        <p class="status notSent" role="alert">
          {words.notSent}: {form.fault}
        </p>
      )}
      <p class="acts">
        <button type="button" class="chip" onClick={() => core.showForm(null)}>
          {words.cancel}
        </button>
        <button class="chip main">{words.send}</button>
      </p>
    </form>
  );
});
