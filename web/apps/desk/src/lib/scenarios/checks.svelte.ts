import type { FlowDocument } from '@otklik/flow';
import type { Problem } from './contract';

const PAUSE_MS = 500;

export interface Marks {
  errors: number;
  warnings: number;
}

/** What the server finds wrong with the document, asked a moment after each edit. */
export class Checks {
  problems = $state.raw<Problem[]>([]);
  readonly errors = $derived(this.problems.filter(({ level }) => level === 'error').length);
  readonly warnings = $derived(this.problems.length - this.errors);
  readonly byBlock = $derived.by(() => {
    const marks = new Map<string, Marks>();
    for (const { block, level } of this.problems) {
      if (!block) continue;
      const { errors, warnings } = marks.get(block) ?? { errors: 0, warnings: 0 };
      const isError = level === 'error';
      marks.set(block, { errors: errors + Number(isError), warnings: warnings + Number(!isError) });
    }
    return marks;
  });

  private timer: ReturnType<typeof setTimeout> | undefined;
  private turn = 0;

  constructor(private readonly ask: (document: FlowDocument) => Promise<Problem[]>) {}

  soon(document: FlowDocument) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.now(document), PAUSE_MS);
  }

  /** True when the answer is of this document; without an answer the former one stands. */
  async now(document: FlowDocument): Promise<boolean> {
    clearTimeout(this.timer);
    const turn = ++this.turn;
    try {
      const problems = await this.ask(document);
      if (turn !== this.turn) return false;
      this.problems = problems;
      return true;
    } catch {
      return false;
    }
  }

  stop() {
    clearTimeout(this.timer);
  }
}
