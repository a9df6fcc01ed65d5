import { blockOf, edgeId, secondsOf, type Block, type FlowDocument, type MessageButton } from '@otklik/flow';
import { api } from '$lib/shared/api';
import type { Scene } from '../canvas/nodes';

/** What may happen in a test run; the names are those of scripts. */
export type TestEvent =
  | { type: 'start'; scenario: string; trigger: string }
  | {
      type: 'message';
      id: string;
      text?: string;
      button?: string;
      of?: string;
      kind?: string;
      phone?: string;
    }
  | { type: 'tick'; to: number }
  | { type: 'http_result'; request: string; status: number; body: unknown }
  | { type: 'finished'; code: string }
  | { type: 'operator_joined' }
  | { type: 'no_operator' };

export interface Sent {
  to: string;
  block: string;
  text: string;
  buttons: (MessageButton | string)[];
  files?: string[];
}
export interface Effect {
  kind: string;
  block: string;
  request?: string | null;
  data?: unknown;
}
export interface Traced {
  scenario: string;
  block: string;
  exit: string | null;
  incorrect?: boolean;
}
export interface Outcome {
  sent: Sent[];
  effects: Effect[];
  consumed: boolean | null;
  waiting_at: Record<string, string | null>;
  fields: Record<string, Record<string, unknown>>;
  ended: Record<string, string | null>;
  trace: Traced[];
  vars?: Record<string, Record<string, string>>;
  next_due?: number | null;
}

type Ask = (body: {
  document: FlowDocument;
  steps: { event: TestEvent }[];
  fields: Record<string, string>;
  channel?: string;
}) => Promise<{ steps: Outcome[] }>;

const CLIENT = 'c1';
const SCENARIO = 'main';

/** One try of a draft: what has happened so far is asked of the server anew after each event, so nothing is stored anywhere. */
export class TestRun {
  events = $state.raw<readonly TestEvent[]>([]);
  outcomes = $state.raw<readonly Outcome[]>([]);
  busy = $state(false);
  error = $state.raw<unknown>(null);
  channel = $state('site');
  /** What is known of the client from the start. */
  fields = $state.raw<Record<string, string>>({});
  /** What runs: edits made meanwhile are for the next try. */
  document = $state.raw<FlowDocument | null>(null);

  readonly last = $derived(this.outcomes.at(-1) ?? null);
  readonly at = $derived(this.last?.waiting_at[CLIENT] ?? null);
  readonly ended = $derived(this.last?.ended[CLIENT] ?? null);
  readonly block = $derived<Block | null>(
    this.at && this.document ? (blockOf(this.document, this.at) ?? null) : null,
  );
  readonly known = $derived(Object.entries(this.last?.fields[CLIENT] ?? {}));
  readonly vars = $derived(Object.entries(this.last?.vars?.[CLIENT] ?? {}));
  readonly due = $derived(this.last?.next_due ?? null);
  readonly trace = $derived(this.outcomes.flatMap(({ trace }) => trace));
  /** What the canvas lights. */
  readonly lit = $derived.by((): Scene['run'] => {
    if (!this.document) return null;
    const start = this.document.launch.map((_, index) => `start launch:${index}`);
    const failed = this.ended === 'loop' ? this.trace.at(-1)?.block : undefined;
    return {
      at: this.at,
      passed: new Set(this.trace.map(({ block }) => block)),
      failed: new Set(failed ? [failed] : []),
      ways: new Set([
        'start next',
        ...start,
        ...this.trace.flatMap(({ block, exit }) => (exit ? [edgeId({ from: [block, exit] })] : [])),
      ]),
    };
  });

  private turn = 0;

  constructor(private readonly ask: Ask) {}

  start(document: FlowDocument) {
    this.document = document;
    this.events = [];
    this.outcomes = [];
    return this.happen({ type: 'start', scenario: SCENARIO, trigger: 'test' });
  }

  say(text: string) {
    return this.happen({ type: 'message', id: this.id(), text });
  }
  press(button: MessageButton, of: string) {
    const phone = button.kind === 'share_phone' ? { kind: 'contact', phone: '+79125550142' } : {};
    return this.happen({
      type: 'message',
      id: this.id(),
      text: button.label,
      button: button.id,
      of,
      ...phone,
    });
  }
  /** Whatever the run waits for by the clock happens now. */
  skip() {
    const block = this.block;
    const asked = block?.type === 'delay' ? secondsOf(block.settings.for) : null;
    const to = this.due ?? this.clock() + (asked ?? 3_600);
    return this.happen({ type: 'tick', to });
  }
  answer(status: number, body: unknown) {
    const block = this.block;
    if (block?.type !== 'http') return Promise.resolve();
    return this.happen({ type: 'http_result', request: block.settings.request || block.id, status, body });
  }
  finish(code: string) {
    return this.happen({ type: 'finished', code });
  }
  operator(isThere: boolean) {
    return this.happen({ type: isThere ? 'operator_joined' : 'no_operator' });
  }

  reset() {
    this.turn += 1;
    this.document = null;
    this.events = [];
    this.outcomes = [];
    this.error = null;
    this.busy = false;
  }

  private clock(): number {
    return Math.max(0, ...this.events.map((event) => (event.type === 'tick' ? event.to : 0)));
  }

  private id(): string {
    return `m${this.events.length + 1}`;
  }

  /** An event that the server refuses has not happened. */
  private async happen(event: TestEvent) {
    const { document } = this;
    if (!document || this.busy) return;
    const turn = ++this.turn;
    const events = [...this.events, event];
    this.busy = true;
    this.error = null;
    try {
      const { steps } = await this.ask({
        document,
        steps: events.map((one) => ({ event: one })),
        fields: this.fields,
        ...(this.channel !== 'site' && { channel: this.channel }),
      });
      if (turn !== this.turn) return;
      this.events = events;
      this.outcomes = steps;
    } catch (error) {
      if (turn === this.turn) this.error = error;
    } finally {
      if (turn === this.turn) this.busy = false;
    }
  }
}

/** A try of a scenario of a project. */
export const testRunOf = (projectId: string, scenarioId: string) =>
  new TestRun((body) => api.post(`/projects/${projectId}/scenarios/${scenarioId}/simulate`, body));

export type Line =
  | { of: 'client'; text: string }
  | {
      of: 'bot';
      text: string;
      block: string;
      buttons: MessageButton[];
      files: readonly string[];
      isOpen: boolean;
    }
  | { of: 'event'; what: Effect['kind']; block: string }
  | { of: 'time' };

const asButton = (button: MessageButton | string): MessageButton =>
  typeof button === 'string' ? { id: button, label: button } : button;

/** The conversation as the client sees it, and what happened beside it. */
export function linesOf(run: Pick<TestRun, 'events' | 'outcomes' | 'at'>): Line[] {
  const lines: Line[] = run.outcomes.flatMap((outcome, index) => {
    const event = run.events[index];
    const own: Line[] =
      event?.type === 'message'
        ? [{ of: 'client', text: event.phone ?? event.text ?? '' }]
        : event?.type === 'tick'
          ? [{ of: 'time' }]
          : [];
    const sent = outcome.sent.map(({ text, block, buttons, files = [] }): Line => ({
      of: 'bot',
      text,
      block,
      buttons: buttons.map(asButton),
      files,
      isOpen: false,
    }));
    const effects = outcome.effects.map(({ kind, block }): Line => ({ of: 'event', what: kind, block }));
    return [...own, ...sent, ...effects];
  });
  // Buttons answer only the question that waits.
  const asked = lines.findLast((line) => line.of === 'bot' && line.block === run.at);
  return lines.map((line) => (line === asked && line.of === 'bot' ? { ...line, isOpen: true } : line));
}
