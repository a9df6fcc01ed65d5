/** Puts the pieces together: ids, ways, launches and places. */

import type { Block, Edge, FlowDocument, Launch } from '../document';
import { emptyDocument } from '../document';
import { wordsOf } from './bubbles';
import { convert, isBubble, isQuestion } from './convert';
import type { Aim, Part, Piece } from './part';
import { placed } from './place';
import { START, type Bot, type BotBlock, type BotEvent, type BotGroup, type BotPlace } from './read';
import { Report } from './report';
import { Edges, Scope } from './scope';
import { textIn } from './loose';
import { Variables } from './variables';

interface Laid {
  group: BotGroup;
  block: BotBlock;
  piece: Piece;
  ids: string[];
}

/** What Typebot calls a group that nobody has named. */
const UNNAMED = /^(?:group|группа) #\d+/i;
const LONGEST_TITLE = 80;

export class Assembly {
  readonly report = new Report();
  private readonly variables: Variables;
  private readonly edges: Edges;
  private readonly laid = new Map<BotBlock, Laid>();
  /** A bubble that became the question of the block behind it. */
  private readonly absorbed = new Map<BotBlock, BotBlock>();
  private readonly groups = new Map<string, BotGroup>();
  /** What was found at a block or behind it. */
  private readonly entries = new Map<BotBlock, string | undefined>();

  constructor(private readonly bot: Bot) {
    this.variables = new Variables(bot.variables);
    this.edges = new Edges(bot);
    let next = 1;
    for (const group of bot.groups) {
      if (!this.groups.has(group.id)) this.groups.set(group.id, group);
      for (const [index, block] of group.blocks.entries()) {
        const piece = this.pieceOf(group, block, index);
        this.laid.set(block, { group, block, piece, ids: piece.map(() => `b${next++}`) });
      }
    }
  }

  private pieceOf(group: BotGroup, block: BotBlock, index: number): Piece {
    if (isBubble(block.type) && isAsked(group, index)) {
      this.absorbed.set(block, group.blocks[index + 1] as BotBlock);
      return [];
    }
    const scope = new Scope(this.bot, this.variables, this.report, group, block, this.edges);
    const above = group.blocks[index - 1];
    if (above && this.absorbed.has(above)) scope.asked = wordsOf(above);
    return convert(scope);
  }

  /** The first block of ours that a block of Typebot became. */
  idOf = (block: BotBlock): string | undefined => {
    const question = this.absorbed.get(block);
    return this.laid.get(question ?? block)?.ids[0];
  };

  /** Names of the variables that answers are kept in. */
  answers = (document: FlowDocument): string[] => {
    const kept = new Set(
      document.blocks.flatMap((block) => (block.type === 'message' && block.settings.wait?.save_to) || []),
    );
    return this.variables.all().flatMap(([name, key]) => (kept.has(key) ? [name] : []));
  };

  document(): FlowDocument {
    const launch = this.launches();
    const laid = [...this.laid.values()];
    const edges = laid.flatMap((one) => this.edgesOf(one));
    const groups = this.bot.groups.map((group): [BotGroup, Block[]] => [group, this.blocksOf(group)]);
    const places = placed(groups, edges);
    const blocks = groups.flatMap(([, own]) =>
      own.map((block) => ({ ...block, pos: places.get(block.id) ?? [0, 0] })),
    );
    return {
      ...emptyDocument(),
      ...(this.bot.name && { name: [...this.bot.name].slice(0, LONGEST_TITLE).join('') }),
      settings: { on_operator: 'stop' },
      launch,
      blocks: blocks as Block[],
      edges,
      next: blocks.length + 1,
    };
  }

  private blocksOf(group: BotGroup): Block[] {
    const title = UNNAMED.test(group.title) ? '' : [...group.title].slice(0, LONGEST_TITLE).join('');
    const laid = group.blocks.flatMap((block) => this.laid.get(block) ?? []);
    const blocks = laid.flatMap(({ piece, ids }) =>
      piece.map((part, index) => this.blockOf(part, ids[index] as string)),
    );
    return blocks.map((block, index) => (index === 0 && title && !block.title ? { ...block, title } : block));
  }

  private blockOf({ type, title, settings, target }: Part, id: string): Block {
    const to = target === 'start' ? this.start() : target && this.entry(target);
    const jump = target ? { target: to ?? '' } : {};
    return { id, type, ...(title && { title }), pos: [0, 0], settings: { ...settings, ...jump } } as Block;
  }

  private edgesOf({ piece, ids, block, group }: Laid): Edge[] {
    return piece.flatMap(({ ways }, index) =>
      Object.entries(ways).flatMap(([exit, aim]): Edge[] => {
        const to = this.aimed(aim, ids, block, group);
        return to ? [{ from: [ids[index] as string, exit], to }] : [];
      }),
    );
  }

  private aimed(aim: Aim, ids: string[], block: BotBlock, group: BotGroup): string | undefined {
    if (aim === 'on') return this.entry(this.behind(block, group));
    return typeof aim === 'number' ? ids[aim] : this.entry(aim);
  }

  /** What comes after a block: where its edge leads, else the next one of its group. */
  private behind(block: BotBlock, group: BotGroup): BotPlace | [BotGroup, number] {
    const warn = (code: Parameters<Report['warn']>[0]) => this.report.warn(code, { of: block, group });
    return this.edges.lead(block.edge, block.id, '', warn) ?? [group, group.blocks.indexOf(block) + 1];
  }

  /** The first block of ours at a place or behind it: some blocks of Typebot became none. */
  private entry(place: BotPlace | [BotGroup, number]): string | undefined {
    const passed: BotBlock[] = [];
    const id = this.firstBehind(place, passed);
    for (const block of passed) this.entries.set(block, id);
    return id;
  }

  /** Every block that is passed leads to the same one, or round and round to none. */
  private firstBehind(place: BotPlace | [BotGroup, number], passed: BotBlock[]): string | undefined {
    let here = place;
    for (;;) {
      const [group, block] = this.at(here) ?? [];
      if (!group || !block) return undefined;
      if (this.entries.has(block)) return this.entries.get(block);
      this.entries.set(block, undefined);
      passed.push(block);
      const id = this.idOf(block);
      if (id) return id;
      here = this.behind(block, group);
    }
  }

  private at(place: BotPlace | [BotGroup, number]): [BotGroup, BotBlock] | undefined {
    const [group, index] = Array.isArray(place)
      ? place
      : ([this.groups.get(place.group), undefined] as const);
    if (!group) return undefined;
    const named = Array.isArray(place)
      ? undefined
      : group.blocks.find(({ id }) => id === place.block && id !== '');
    const block = named ?? group.blocks[index ?? 0];
    return block && [group, block];
  }

  private launches(): Launch[] {
    const start = this.start();
    const launches: Launch[] = [];
    if (start) {
      launches.push({ kind: 'first_message', to: start });
      this.report.warn('starts_with_first_message');
    }
    for (const event of this.bot.events) {
      if (event.type === 'command') launches.push(...this.command(event));
      else if (event.type !== START) this.report.warn('reply_event', { detail: event.type });
    }
    return launches;
  }

  private command(event: BotEvent): Launch[] {
    const word = textIn(event.options.command).trim();
    const to = this.eventTarget(event);
    if (event.options.resumeAfter === true) this.report.warn('command_resume', { detail: word });
    if (word && to) return [{ kind: 'keyword', words: [word], match: 'whole', to }];
    this.report.warn('command_empty', { detail: word });
    return [];
  }

  /** Where it begins; with the first group where nothing says so. */
  private start(): string | undefined {
    const event = this.bot.events.find(({ type }) => type === START);
    const to = event && this.eventTarget(event);
    if (to) return to;
    const first = this.bot.groups.find((group) => this.entry([group, 0]));
    if (first) this.report.warn('no_start');
    return first && this.entry([first, 0]);
  }

  private eventTarget(event: BotEvent): string | undefined {
    const place = this.edges.lead(event.edge, event.id, '', (code) => this.report.warn(code));
    return place && this.entry(place);
  }
}

/** Whether a bubble is said by the question behind it. One that says nothing leaves the question empty. */
function isAsked(group: BotGroup, index: number): boolean {
  const [bubble, next] = [group.blocks[index], group.blocks[index + 1]];
  return Boolean(bubble && next && isQuestion(next.type) && wordsOf(bubble));
}
