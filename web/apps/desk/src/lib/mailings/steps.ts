import { m } from '$lib/paraglide/messages';

/** The parts of the editor, in their order. */
export const STEPS = ['who', 'what', 'when', 'check'] as const;
export type Step = (typeof STEPS)[number];

export const isStep = (text: string | null): text is Step => STEPS.includes(text as Step);

export const stepNames: Record<Step, () => string> = {
  who: m.mailing_step_who,
  what: m.mailing_step_what,
  when: m.mailing_step_when,
  check: m.mailing_step_check,
};

/** The step in which the server's complaint about a path of the document is mended. */
export function stepOf(path: string): Step {
  const [first = ''] = path.replace(/^\/?(document[./])?/, '').split(/[./]/);
  if (first === 'audience') return 'who';
  return ['schedule', 'pace_per_minute', 'frequency'].includes(first) ? 'when' : 'what';
}
