export { choose, stoppedBy, type History, type Shown, type Situation, type Stop } from './choose';
export { answers, holds, leavesOf } from './evaluate';
export type { Asked, Facts, Read } from './facts';
export { pageFacts } from './page';
export { fits } from './pattern';
export { share } from './share';
export type { Action, Leaf, Node, Rule, RuleSet, Start } from './rules';
