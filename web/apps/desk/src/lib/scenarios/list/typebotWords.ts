import { NotTypebot, type ImportWarning, type NotTypebotCode, type WarningCode } from '@otklik/flow';
import { m } from '$lib/paraglide/messages';
import { problemText } from '$lib/shared/problem';

/** What an import says of a flow of Typebot, in words. */

const warnings: Record<WarningCode, () => string> = {
  newer_version: m.scn_typebot_newer_version,
  no_start: m.scn_typebot_no_start,
  starts_with_first_message: m.scn_typebot_starts_with_first_message,
  edge_from_nowhere: m.scn_typebot_edge_from_nowhere,
  missing_edge: m.scn_typebot_missing_edge,
  edge_to_nowhere: m.scn_typebot_edge_to_nowhere,
  edge_to_lost_block: m.scn_typebot_edge_to_lost_block,
  unreachable_group: m.scn_typebot_unreachable_group,
  cycle_without_wait: m.scn_typebot_cycle_without_wait,
  too_many_blocks: m.scn_typebot_too_many_blocks,
  command_empty: m.scn_typebot_command_empty,
  command_resume: m.scn_typebot_command_resume,
  reply_event: m.scn_typebot_reply_event,
  answers_in_variables: m.scn_typebot_answers_in_variables,
  unknown_variable: m.scn_typebot_unknown_variable,
  inline_code: m.scn_typebot_inline_code,
  text_cut: m.scn_typebot_text_cut,
  empty_bubble: m.scn_typebot_empty_bubble,
  empty_question: m.scn_typebot_empty_question,
  embed_event: m.scn_typebot_embed_event,
  button_without_text: m.scn_typebot_button_without_text,
  no_buttons: m.scn_typebot_no_buttons,
  dynamic_buttons: m.scn_typebot_dynamic_buttons,
  multiple_choice: m.scn_typebot_multiple_choice,
  hidden_buttons: m.scn_typebot_hidden_buttons,
  button_values: m.scn_typebot_button_values,
  date_as_text: m.scn_typebot_date_as_text,
  condition_incomplete: m.scn_typebot_condition_incomplete,
  pattern_with_variable: m.scn_typebot_pattern_with_variable,
  pattern_unsupported: m.scn_typebot_pattern_unsupported,
  list_as_text: m.scn_typebot_list_as_text,
  sum_of_variables: m.scn_typebot_sum_of_variables,
  wait_length: m.scn_typebot_wait_length,
  jump_nowhere: m.scn_typebot_jump_nowhere,
  call_target: m.scn_typebot_call_target,
  link_does_not_return: m.scn_typebot_link_does_not_return,
  return_ends: m.scn_typebot_return_ends,
  email_to_staff: m.scn_typebot_email_to_staff,
  answer_path: m.scn_typebot_answer_path,
};

/** What the server would refuse to publish. */
const mustMend = new Set<WarningCode>([
  'cycle_without_wait',
  'too_many_blocks',
  'empty_question',
  'call_target',
]);

const refusals: Record<NotTypebotCode, () => string> = {
  not_json: m.scn_import_not_json,
  not_typebot: m.scn_import_not_typebot,
  old_version: m.scn_import_old_version,
};

/** Why a file could not be taken. */
export const importProblem = (error: unknown): string =>
  error instanceof NotTypebot ? refusals[error.code]() : problemText(error);

/** One kind of warning, with the places that it was said of. */
export interface WarningGroup {
  code: WarningCode;
  text: string;
  mustMend: boolean;
  places: string[];
}

/** Each kind once; first what keeps the scenario from being published. */
export function groupWarnings(all: readonly ImportWarning[]): WarningGroup[] {
  const groups = new Map<WarningCode, Set<string>>();
  for (const warning of all) {
    const places = groups.get(warning.code) ?? new Set();
    groups.set(warning.code, places);
    const place = placeOf(warning);
    if (place) places.add(place);
  }
  return [...groups]
    .map(([code, places]) => ({
      code,
      text: warnings[code](),
      mustMend: mustMend.has(code),
      places: [...places],
    }))
    .sort((a, b) => Number(b.mustMend) - Number(a.mustMend));
}

function placeOf({ group, block, code, detail }: ImportWarning): string {
  const isOfGroup = block !== undefined || code === 'unreachable_group' || code === 'cycle_without_wait';
  const where = group ?? (isOfGroup ? m.scn_typebot_no_group() : '');
  return [where, detail].filter(Boolean).join(': ');
}
