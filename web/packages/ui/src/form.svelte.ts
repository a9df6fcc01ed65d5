import { getContext, setContext } from 'svelte';
import { words, type Explained } from './words';

/** What a form goes through when it is sent: on its way, or refused with words for the whole and for single fields. */
export class FormState {
  busy = $state(false);
  /** What is wrong with the whole of it; empty when nothing is. */
  problem = $state('');
  /** What is wrong with single fields, by path: `settings.token`. */
  errors = $state.raw<Record<string, string>>({});

  /** Sends it as its own button does, the browser's checks first. True when it went well. Given by the form on the screen. */
  send: () => Promise<boolean> = () => Promise.resolve(false);

  /** `explain` is for a form that knows more of its errors than the page does. */
  constructor(private readonly explain: (error: unknown) => Explained = (error) => words().explain(error)) {}

  /** Does what the form is for; what that throws is shown. True when it went well. `say` is for a form that knows better words. */
  async submit(action: () => Promise<unknown>, say?: (error: unknown) => string): Promise<boolean> {
    if (this.busy) return false;
    this.clear();
    this.busy = true;
    try {
      await action();
      return true;
    } catch (error) {
      const told = this.explain(error);
      this.errors = told.errors;
      this.problem = say ? say(error) : told.text;
      return false;
    } finally {
      this.busy = false;
    }
  }

  /** What the page finds wrong by itself, before anything is sent. */
  refuse(errors: Record<string, string>) {
    this.problem = '';
    this.errors = errors;
  }

  clear() {
    this.problem = '';
    this.errors = {};
  }
}

const KEY = Symbol('form');

export const provideForm = (form: () => FormState) => setContext(KEY, form);
/** The form around, if there is one. */
export const formAround = () => getContext<(() => FormState) | undefined>(KEY);
