import type { Facts } from './facts';

/** When a rule is looked at. */
export type Start = 'page' | 'time' | 'scroll' | 'exit' | 'idle' | 'event';

/** What the page does; what the server does is not told to it. */
export type Action =
  | { type: 'show_suggests'; suggest_ids: string[] }
  | { type: 'message'; author: 'bot' | 'operator'; text: string }
  | { type: 'open_widget' }
  | { type: 'show_form'; fields: string[] }
  | { type: 'js_event'; name: string };

/**
 * A condition: fact, operator (`!` turns it round), value, and of an address the parts that count (1 its scheme, 2 what
 * stands after `#`). Values are folded and normalised by the server.
 */
export type Leaf = [fact: string, op: string, value?: unknown, form?: number];

/** Conditions: all members must hold, or any. The place of the member that decided last is noted here, and its fact where that was a leaf. */
export type Node = (({ all: Node[] } | { any: Node[] }) & { first?: number; held?: Facts[string] }) | Leaf;

/** An auto-action as the server compiles it (`crates/site-rules`, `compile`). */
export interface Rule {
  id: string;
  start: Start;
  when: Node;
  /** Showings are counted within a visit, a day or for ever, and so many are allowed. */
  limit?: ['v' | 'd' | 'e', number];
  /** Seconds since any other was shown. */
  pause?: number;
  /** Whether it acts over an open dialog. */
  over?: boolean;
  do: Action[];
}

/** The rules that can act, whoever goes first first. */
export interface RuleSet {
  /** Since when, in seconds of the epoch, the project's clock is how many seconds ahead of UTC. */
  zone: [since: number, offset: number][];
  rules: Rule[];
}
