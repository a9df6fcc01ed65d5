/** Steps back and forth: one for each gesture, and one for a line that is being typed. */

interface Step<T> {
  state: T;
  /** What was being typed into; empty for a gesture. */
  typing: string;
  at: number;
}

const LIMIT = 100;
/** Whoever pauses longer has begun another sentence. */
const PAUSE_MS = 2_000;

export class History<T> {
  private past: Step<T>[] = [];
  private future: Step<T>[] = [];
  private current: Step<T>;

  constructor(
    start: T,
    private readonly clock: () => number = () => Date.now(),
  ) {
    this.current = { state: start, typing: '', at: clock() };
  }

  get present(): T {
    return this.current.state;
  }
  get canUndo(): boolean {
    return this.past.length > 0;
  }
  get canRedo(): boolean {
    return this.future.length > 0;
  }

  /** `typing` names the field; its next letters belong to the same step. */
  push(state: T, typing = '') {
    if (state === this.current.state) return;
    const at = this.clock();
    const isSameWord = typing !== '' && typing === this.current.typing && at - this.current.at < PAUSE_MS;
    if (!isSameWord) this.past = [...this.past, this.current].slice(-LIMIT);
    this.current = { state, typing, at };
    this.future = [];
  }

  /** What comes next is a step of its own. */
  seal() {
    this.current = { ...this.current, typing: '' };
  }

  undo() {
    const before = this.past.at(-1);
    if (!before) return;
    this.future = [this.current, ...this.future];
    this.past = this.past.slice(0, -1);
    this.current = { ...before, typing: '' };
  }

  redo() {
    const [after, ...later] = this.future;
    if (!after) return;
    this.past = [...this.past, this.current];
    this.future = later;
    this.current = { ...after, typing: '' };
  }

  /** Another document, not a step from this one. */
  restart(state: T) {
    this.past = [];
    this.future = [];
    this.current = { state, typing: '', at: this.clock() };
  }
}
