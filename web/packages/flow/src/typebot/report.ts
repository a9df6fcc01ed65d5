/** What an import has to say. */

import type { BotBlock, BotGroup } from './read';

/** Where something was taken over with another meaning, and what to look at. */
export type WarningCode =
  // The file.
  | 'newer_version'
  | 'no_start'
  | 'starts_with_first_message'
  | 'edge_from_nowhere'
  | 'missing_edge'
  | 'edge_to_nowhere'
  | 'edge_to_lost_block'
  | 'unreachable_group'
  | 'cycle_without_wait'
  | 'too_many_blocks'
  | 'command_empty'
  | 'command_resume'
  | 'reply_event'
  // Texts and values.
  | 'answers_in_variables'
  | 'unknown_variable'
  | 'inline_code'
  | 'text_cut'
  // Blocks that say less than they did.
  | PartlyCode;

const partlyCodes = [
  'empty_bubble',
  'empty_question',
  'embed_event',
  'button_without_text',
  'no_buttons',
  'dynamic_buttons',
  'multiple_choice',
  'hidden_buttons',
  'button_values',
  'date_as_text',
  'condition_incomplete',
  'pattern_with_variable',
  'pattern_unsupported',
  'list_as_text',
  'sum_of_variables',
  'wait_length',
  'jump_nowhere',
  'call_target',
  'link_does_not_return',
  'return_ends',
  'email_to_staff',
  'answer_path',
] as const;
type PartlyCode = (typeof partlyCodes)[number];
const isPartly = new Set<string>(partlyCodes);

export interface ImportWarning {
  code: WarningCode;
  /** The title of the group in Typebot. */
  group?: string;
  /** The block of ours. */
  block?: string;
  detail?: string;
}

/** A block without a counterpart, in whose place one stands that does nothing yet. */
export interface Placeholder {
  /** Its type in Typebot. */
  type: string;
  group?: string;
  /** The block of ours. */
  block: string;
  /** True where it must be filled in before publishing. */
  mustFill: boolean;
}

/** Of blocks of Typebot. */
export interface ImportCounts {
  groups: number;
  blocks: number;
  /** Taken over as they are. */
  direct: number;
  /** Taken over with less, or with another meaning. */
  partly: number;
  placeholders: number;
}

interface Noted {
  code: WarningCode;
  of?: BotBlock;
  group?: BotGroup;
  detail?: string;
}

/** Collects while blocks have no ids yet. */
export class Report {
  private readonly noted: Noted[] = [];
  private readonly seen = new Map<unknown, Set<string>>();
  private readonly held = new Map<BotBlock, { group: BotGroup; mustFill: boolean }>();

  /** Once for each block (or group, or the whole file) and detail. */
  warn(code: WarningCode, about: Omit<Noted, 'code'> = {}) {
    const place = about.of ?? about.group;
    const said = this.seen.get(place) ?? new Set<string>();
    const words = JSON.stringify([code, about.detail]);
    if (said.has(words)) return;
    this.seen.set(place, said.add(words));
    this.noted.push({ code, ...about });
  }

  hold(block: BotBlock, group: BotGroup, mustFill: boolean) {
    this.held.set(block, { group, mustFill });
  }

  warnings(idOf: (block: BotBlock) => string | undefined): ImportWarning[] {
    return this.noted.map(({ code, of, group, detail }) => {
      const block = of && idOf(of);
      return {
        code,
        ...(group?.title && { group: group.title }),
        ...(block && { block }),
        ...(detail && { detail }),
      };
    });
  }

  placeholders(idOf: (block: BotBlock) => string | undefined): Placeholder[] {
    return [...this.held].map(([block, { group, mustFill }]) => ({
      type: block.type || '?',
      ...(group.title && { group: group.title }),
      block: idOf(block) ?? '',
      mustFill,
    }));
  }

  counts(groups: readonly BotGroup[]): ImportCounts {
    const blocks = groups.flatMap((group) => group.blocks);
    const told = new Set(this.noted.filter(({ code }) => isPartly.has(code)).map(({ of }) => of));
    const placeholders = blocks.filter((block) => this.held.has(block)).length;
    const partly = blocks.filter((block) => told.has(block) && !this.held.has(block)).length;
    return {
      groups: groups.length,
      blocks: blocks.length,
      direct: blocks.length - partly - placeholders,
      partly,
      placeholders,
    };
  }
}
