import { onDestroy, untrack } from 'svelte';

/** A form that somebody may have changed. It is asked when something would take it away, never watched. */
export interface UnsavedForm {
  readonly dirty: boolean;
  /** Saving that is under way, as of a line that is saved by leaving it: nothing is asked before that has ended. */
  readonly saving?: Promise<unknown> | null;
  /** True when everything is kept. Missing where the button of the form does more than keep: it invites, connects, joins. */
  readonly save?: () => Promise<boolean>;
  /** Puts back what stood before. */
  readonly discard: () => void;
}

export type Answer = 'save' | 'discard' | 'stay';

interface Question {
  canSave: boolean;
  /** Where somebody was typing, to go on there. */
  focused: HTMLElement | null;
  answer: (answer: Answer) => void;
}

/** Every form with edits, and the one question about them. `UnsavedGuard` shows it and watches over the pages. */
class Unsaved {
  question = $state.raw<Question | null>(null);
  private readonly forms = new Set<UnsavedForm>();

  get dirty(): boolean {
    return this.changed().length > 0;
  }

  register(form: UnsavedForm): () => void {
    this.forms.add(form);
    return () => this.forms.delete(form);
  }

  /** Asks before edits go, of one form or of all, and does what is answered. True when one may go on. */
  async leave(form?: UnsavedForm, focused = finishTyping()): Promise<boolean> {
    const changed = () => (form ? [form].filter(({ dirty }) => dirty) : this.changed());
    await Promise.allSettled(changed().map(({ saving }) => saving));
    const forms = changed();
    if (forms.length === 0) return true;
    const answer = await this.ask(
      forms.every(({ save }) => save),
      focused,
    );
    if (answer === 'stay') return false;
    if (answer === 'discard') {
      discardAll(forms);
      return true;
    }
    for (const { save } of forms) if (!(await save?.())) return false;
    return true;
  }

  /** Without a question, where it has been asked in other words. */
  discard() {
    discardAll(this.changed());
  }

  private ask(canSave: boolean, focused: HTMLElement | null): Promise<Answer> {
    // Who tries to leave once more has not answered.
    this.question?.answer('stay');
    return new Promise((resolve) => {
      const answer = (given: Answer) => {
        this.question = null;
        resolve(given);
      };
      this.question = { canSave, focused, answer };
    });
  }

  private changed(): UnsavedForm[] {
    return [...this.forms].filter(({ dirty }) => dirty);
  }
}

export const unsaved = new Unsaved();

/** Some inputs take what was typed when they lose the focus. Answers the one that had it. */
export function finishTyping(): HTMLElement | null {
  // There is no document where this is tested.
  const focused = globalThis.document?.activeElement as HTMLElement | null | undefined;
  if (!focused?.matches('input, textarea')) return null;
  focused.blur();
  return focused;
}

const discardAll = (forms: UnsavedForm[]) => forms.forEach(({ discard }) => discard());

/** Guards a form that knows by itself what is unsaved. For the setup of the component that shows it. */
export function guardForm(form: UnsavedForm) {
  onDestroy(unsaved.register(form));
}

interface Parts<T> {
  /** What the form says now. */
  values: () => T;
  /** Puts values back on the screen; missing where nothing is left of a form that was closed. */
  put?: (values: T) => void;
  save?: () => Promise<boolean>;
  /** Saving that goes on by itself: it is waited for before anything is asked. */
  saving?: () => Promise<unknown> | null;
  /** False while the form is not on the screen: a closed dialog has nothing to lose. */
  shown?: () => boolean;
}

/** Edits of a form: what it says now beside what it said when it was opened or saved. */
export class Edits<T> implements UnsavedForm {
  readonly save?: () => Promise<boolean>;
  private before = '';

  constructor(private readonly parts: Parts<T>) {
    this.save = parts.save;
    this.settle();
  }

  get dirty(): boolean {
    return (this.parts.shown?.() ?? true) && this.now() !== this.before;
  }

  get saving(): Promise<unknown> | null {
    return this.parts.saving?.() ?? null;
  }

  /** What stands now, or what was sent, is nobody's edit: it was just opened, or saved. */
  settle(values?: T) {
    this.before = values ? JSON.stringify(values) : untrack(() => this.now());
  }

  readonly discard = () => {
    this.parts.put?.(JSON.parse(this.before) as T);
    this.settle();
  };

  /** For whoever closes the form, or opens another one in its place. True when it may go. */
  readonly leave = (): Promise<boolean> => unsaved.leave(this);

  private now(): string {
    return JSON.stringify(this.parts.values());
  }
}

/** Guards the edits of a form. For the setup of the component that shows it. */
export function guardEdits<T>(parts: Parts<T>): Edits<T> {
  const edits = new Edits(parts);
  guardForm(edits);
  return edits;
}
