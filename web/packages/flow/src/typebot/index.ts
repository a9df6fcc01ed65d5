/** Import of flows of Typebot, versions 3 to 6.1 (section 6 of `scenarios.md`). */

import type { FlowDocument } from '../document';
import { Assembly } from './assemble';
import { isLoose } from './loose';
import { isBot, readBot, type Bot } from './read';
import type { ImportCounts, ImportWarning, Placeholder } from './report';
import { endless, reached } from './trace';

export type { ImportCounts, ImportWarning, Placeholder, WarningCode } from './report';

export interface Imported {
  document: FlowDocument;
  counts: ImportCounts;
  warnings: ImportWarning[];
  placeholders: Placeholder[];
}

export type NotTypebotCode = 'not_json' | 'not_typebot' | 'old_version';

/** The file is no flow of Typebot that can be read. */
export class NotTypebot extends Error {
  constructor(readonly code: NotTypebotCode) {
    super(code);
  }
}

/** Versions that are read, and the newest that was looked at. */
const OLDEST = 3;
const NEWEST = 6.1;
/** A scenario has no more blocks. */
const MOST_BLOCKS = 500;

/**
 * A flow of Typebot as a document of ours, with what was lost on the way.
 *
 * @throws NotTypebot where the file is none; for nothing else, however odd the flow.
 */
export function importTypebot(text: string): Imported {
  const bot = read(text);
  const assembly = new Assembly(bot);
  const document = assembly.document();
  tellOfFile(bot, assembly, document);
  const { report, idOf } = assembly;
  return {
    document,
    counts: report.counts(bot.groups),
    warnings: report.warnings(idOf),
    placeholders: report.placeholders(idOf),
  };
}

function read(text: string): Bot {
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    throw new NotTypebot('not_json');
  }
  // As its API answers.
  const flow: unknown = isLoose(value) && isLoose(value.typebot) ? value.typebot : value;
  if (isOld(flow)) throw new NotTypebot('old_version');
  if (!isBot(flow)) throw new NotTypebot('not_typebot');
  return readBot(flow);
}

/** Versions 1 and 2: steps, and blocks of steps. */
function isOld(flow: unknown): boolean {
  if (!isLoose(flow)) return false;
  const isStepped = Array.isArray(flow.blocks) && flow.blocks.some((one) => isLoose(one) && 'steps' in one);
  const version = Number(flow.version ?? OLDEST);
  return isStepped || (Array.isArray(flow.groups) && version < OLDEST);
}

function tellOfFile(bot: Bot, { report, idOf, answers }: Assembly, document: FlowDocument) {
  if (Number(bot.version) > NEWEST) report.warn('newer_version', { detail: bot.version });
  if (document.blocks.length > MOST_BLOCKS)
    report.warn('too_many_blocks', { detail: String(document.blocks.length) });
  const sources = new Set([...bot.events, ...bot.groups.flatMap(({ blocks }) => blocks)].map(({ id }) => id));
  const lost = bot.edges.filter(({ from }) => !sources.has(from)).length;
  if (lost > 0) report.warn('edge_from_nowhere', { detail: String(lost) });
  const kept = answers(document);
  if (kept.length > 0) report.warn('answers_in_variables', { detail: kept.join(', ') });
  const seen = reached(document);
  const round = endless(document);
  for (const group of bot.groups) {
    const ids = group.blocks.flatMap((block) => idOf(block) ?? []);
    if (ids.length > 0 && !ids.some((id) => seen.has(id))) report.warn('unreachable_group', { group });
    if (ids.some((id) => round.has(id))) report.warn('cycle_without_wait', { group });
  }
}
