import { m } from '$lib/paraglide/messages';

const names: Record<string, () => string> = {
  title: m.scn_what_title,
  text: m.scn_what_text,
  exits: m.scn_what_exits,
  wait: m.scn_what_wait,
  buttons: m.scn_what_buttons,
  branches: m.scn_what_branches,
  files: m.scn_what_files,
};

/** What differs in a block, each thing once. */
export function whatNames(what: readonly string[]): string {
  const said = what.map((name) => names[name]?.() ?? m.scn_what_settings());
  return [...new Set(said)].join(', ');
}
