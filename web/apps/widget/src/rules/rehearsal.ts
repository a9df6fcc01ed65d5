import { choose, leavesOf, type Rule, type Situation } from '@otklik/site-rules';

/** So long may work go on before the page has its turn. */
const SLICE_MS = 1;

/** How the page's turn is waited for. */
type Wait = (act: () => void, most: object) => unknown;

/** Work that may be left between any two of its stops. */
export type Work = Iterator<unknown>;

/** Does work that stops now and then, from the page's next turn on: wherever it stops the page may have its turns. */
export async function inTurns(work: Work, signal: AbortSignal, wait = setTimeout as unknown as Wait) {
  let began = -Infinity;
  do {
    // Where nobody looks there is nothing to wait for, and clocks stand still.
    if (performance.now() - began > SLICE_MS && !document.hidden) {
      // What is no number is no delay.
      await new Promise<void>((resolve) => wait(resolve, { timeout: 500 }));
      // A browser has twenty idle moments in a second, which is too few for the small pieces that these are.
      wait = setTimeout as unknown as Wait;
      began = performance.now();
    }
  } while (!signal.aborted && !work.next().done);
}

/** The same when the page rests; Safari does not say when. */
export const atRest = (work: Work, signal: AbortSignal) =>
  inTurns(work, signal, window.requestIdleCallback as Wait | undefined);

/** The first of these rules that acts in a moment. */
export function first(rules: Rule[], situation: Situation): Rule | undefined {
  situation.set = { zone: situation.set.zone, rules };
  return choose(situation);
}

/** Asks each kind of condition once, then each rule: it notes what decides. Nothing comes of the answers. */
export function* questions(situation: Situation) {
  const { rules } = situation.set;
  const known = new Set<string>();
  for (const rule of rules) {
    // One moment for all, so that texts are read once.
    const ask = (when = rule.when) => first([{ ...rule, when }], situation);
    for (const leaf of leavesOf(rule.when)) {
      const kind = leaf[0] + leaf[1];
      if (known.has(kind)) continue;
      known.add(kind);
      yield ask(leaf);
    }
    yield ask();
  }
}
