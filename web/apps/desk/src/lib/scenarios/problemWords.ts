import { blockOf, exitsOf, type FlowDocument } from '@otklik/flow';
import { m } from '$lib/paraglide/messages';
import type { Problem } from './contract';
import { exitName } from './words';

type Say = (words: { exit: string; setting: string; isBlock: boolean }) => string;

/** What the server's findings mean; a code that is not known here is shown in the server's words. */
export const problemTexts: Record<string, Say> = {
  bad_button_id: m.scn_problem_bad_button_id,
  bad_pattern: m.scn_problem_bad_pattern,
  bad_setting: m.scn_problem_bad_setting,
  bad_url: m.scn_problem_bad_url,
  channel_limit: m.scn_problem_channel_limit,
  cycle_without_wait: m.scn_problem_cycle_without_wait,
  duplicate_block: m.scn_problem_duplicate_block,
  duplicate_exit: m.scn_problem_duplicate_exit,
  empty_exit: m.scn_problem_empty_exit,
  empty_label: m.scn_problem_empty_label,
  empty_text: m.scn_problem_empty_text,
  launch_unavailable: m.scn_problem_launch_unavailable,
  missing_setting: m.scn_problem_missing_setting,
  missing_source: m.scn_problem_missing_source,
  no_blocks: m.scn_problem_no_blocks,
  no_branches: m.scn_problem_no_branches,
  no_buttons: m.scn_problem_no_buttons,
  no_error_text: m.scn_problem_no_error_text,
  no_launch: m.scn_problem_no_launch,
  no_launch_field: m.scn_problem_no_launch_field,
  no_way_to_operator: m.scn_problem_no_way_to_operator,
  no_words: m.scn_problem_no_words,
  reserved_exit: m.scn_problem_reserved_exit,
  secret_outside_request: m.scn_problem_secret_outside_request,
  text_too_long: m.scn_problem_text_too_long,
  too_many_blocks: m.scn_problem_too_many_blocks,
  two_ways: m.scn_problem_two_ways,
  unconnected_exit: m.scn_problem_unconnected_exit,
  unknown_block_type: m.scn_problem_unknown_block_type,
  unknown_exit: m.scn_problem_unknown_exit,
  unknown_field: m.scn_problem_unknown_field,
  unknown_file: m.scn_problem_unknown_file,
  unknown_scenario: m.scn_problem_unknown_scenario,
  unknown_secret: m.scn_problem_unknown_secret,
  bad_email: m.scn_problem_bad_email,
  too_many_emails: m.scn_problem_too_many_emails,
  unknown_department: m.scn_problem_unknown_department,
  unknown_schema: m.scn_problem_unknown_schema,
  unknown_time_zone: m.scn_problem_unknown_time_zone,
  unreachable: m.scn_problem_unreachable,
  missing_target: ({ isBlock, ...rest }) =>
    isBlock ? m.scn_problem_missing_target(rest) : m.scn_problem_launch_nowhere(),
};

export function problemWords(problem: Problem, document: FlowDocument): string {
  const say = problemTexts[problem.code];
  if (!say) return problem.message;
  const block = problem.block ? blockOf(document, problem.block) : undefined;
  const exit = block && exitsOf(block).find(({ id }) => id === problem.exit);
  return say({
    exit: exit ? exitName(exit) : (problem.exit ?? ''),
    setting: problem.setting ?? '',
    isBlock: Boolean(problem.block),
  });
}
