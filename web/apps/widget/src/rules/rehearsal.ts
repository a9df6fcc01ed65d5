import { choose, leavesOf, type Rule, type Situation } from '@otklik/site-rules';

/** So long may a piece of work go on before the page has its turn. */
export const SLICE_MS = 0.5;

/** Does pieces of work in their order, first when the page rests; between them the page has its turns. */
export async function atRest(pieces: Iterable<() => unknown>, signal: AbortSignal) {
  // Safari has no idle callback; what is no number is no delay.
  let wait = (window.requestIdleCallback ?? setTimeout) as (act: () => void, most: object) => unknown;
  let began = -Infinity;
  for (const piece of pieces) {
    // Where nobody looks there is nothing to wait for, and clocks stand still.
    if (performance.now() - began > SLICE_MS && !document.hidden) {
      await new Promise<void>((resolve) => wait(resolve, { timeout: 500 }));
      // A browser has twenty idle moments in a second, which is too few for the small pieces that these are.
      wait = setTimeout as never;
      began = performance.now();
    }
    if (signal.aborted) return;
    piece();
  }
}

/** Whether a rule acts in a moment, asked alone. */
export function acts(rule: Rule, situation: Situation): boolean {
  situation.set = { zone: situation.set.zone, rules: [rule] };
  return !!choose(situation);
}

/** Asks each kind of condition once, then each rule: it notes what decides. Nothing comes of the answers. */
export function* questions(situation: Situation): Generator<() => unknown> {
  const { rules } = situation.set;
  const known = new Set<string>();
  for (const rule of rules) {
    // One moment for all, so that texts are read once.
    const ask = (when = rule.when) => acts({ ...rule, when }, situation);
    for (const leaf of leavesOf(rule.when)) {
      const kind = leaf[0] + leaf[1];
      if (!known.has(kind)) yield () => ask(leaf);
      known.add(kind);
    }
    yield ask;
  }
}
