import type { View } from '../core/view';
import type { Core } from '../shell';
import { hooked, useEffect, useRef } from './hooks';
import type { Words } from './words';

interface Props {
  core: Core;
  words: Words;
  form: NonNullable<View['form']>;
}

const TYPES: Record<string, string> = {
  phone: 'tel',
  link: 'url',
  email: 'email',
  number: 'number',
  date: 'date',
};

/** A few fields of the client in place of the composer. The browser says what is missing or wrong in them. */
export const CallForm = hooked(({ core, words, form }: Props) => {
  const node = useRef<HTMLFormElement>(null);
  useEffect(() => {
    const form = node.current!;
    const panel = form.parentElement!;
    form.querySelector('input')?.focus({ preventScroll: true });
    // Whoever was in the form is not thrown out of the dialog with it.
    return () => panel.focus();
  }, []);

  const submit = (event: Event) => {
    event.preventDefault();
    const inputs = [...node.current!.querySelectorAll('input')];
    const values = Object.fromEntries(inputs.map((input) => [input.name, input.value.trim()]));
    core.callBack(values, words.callMe + Object.values(values).join(', '));
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
            type={(TYPES[kind] ?? 'text') as 'text'}
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
