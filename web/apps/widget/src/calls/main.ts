import type { Session } from '../core/session';
import type { Calls, Shell } from '../shell';
import { callVerb } from './verbs';

/** The page's calls reach the visitor's session. */
export function create(shell: Shell): Promise<Calls> {
  return shell.withCore((core) => ({ call: (verb, args) => callVerb(core as Session, verb, args) }));
}
