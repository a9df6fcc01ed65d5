import type { Bot, BotBlock, BotEdge, BotGroup, BotPlace } from './read';
import type { Report, WarningCode } from './report';
import type { Variables } from './variables';

/** A text of the bot is no longer, in characters. */
export const LONGEST_TEXT = 4000;

/** What a block knows while it is taken over: its bot, and how to say what is lost. */
export class Scope {
  /** The bubble above a question, which says it. */
  asked = '';

  constructor(
    readonly bot: Bot,
    readonly variables: Variables,
    private readonly report: Report,
    readonly group: BotGroup,
    readonly block: BotBlock,
    private readonly edges: Edges,
  ) {}

  warn(code: WarningCode, detail?: string) {
    this.report.warn(code, { of: this.block, group: this.group, detail });
  }

  hold(mustFill: boolean) {
    this.report.hold(this.block, this.group, mustFill);
  }

  /** The key of the variable that an option names. */
  key(id: unknown): string | undefined {
    return typeof id === 'string' ? this.variables.key(id) : undefined;
  }

  /** A text with our variables in it. */
  text(text: string): string {
    return this.variables.text(text, {
      unknown: (name) => this.warn('unknown_variable', name),
      code: () => this.warn('inline_code'),
    });
  }

  /** A text that somebody reads, no longer than texts may be. */
  words(text: string): string {
    const whole = this.text(text);
    const letters = [...whole];
    if (letters.length <= LONGEST_TEXT) return whole;
    this.warn('text_cut');
    const short = letters.slice(0, LONGEST_TEXT - 1).join('');
    // Not in the middle of a variable.
    const open = short.lastIndexOf('{{');
    return `${open > short.lastIndexOf('}}') ? short.slice(0, open) : short}…`;
  }

  /** Where an edge of this block or of one of its items leads. */
  lead(edge: string, item = ''): BotPlace | undefined {
    return this.edges.lead(edge, this.block.id, item, (code) => this.warn(code));
  }
}

/** The edges of a bot: by their ids, and where those are wrong by what they start from. */
export class Edges {
  private readonly byId = new Map<string, BotEdge>();
  private readonly bySource = new Map<string, BotEdge>();
  private readonly groups: Map<string, BotGroup>;

  constructor(bot: Bot) {
    for (const edge of bot.edges) {
      if (!this.byId.has(edge.id)) this.byId.set(edge.id, edge);
      if (edge.from) this.bySource.set(sourceOf(edge.from, edge.item), edge);
    }
    this.groups = new Map([...bot.groups].reverse().map((group) => [group.id, group]));
  }

  lead(id: string, from: string, item: string, warn: (code: WarningCode) => void): BotPlace | undefined {
    const edge = (id && this.byId.get(id)) || (from && this.bySource.get(sourceOf(from, item)));
    if (!edge) {
      if (id) warn('missing_edge');
      return undefined;
    }
    const group = this.groups.get(edge.to.group);
    if (!group) {
      warn('edge_to_nowhere');
      return undefined;
    }
    if (edge.to.block && !group.blocks.some((block) => block.id === edge.to.block)) {
      warn('edge_to_lost_block');
      return { group: edge.to.group, block: '' };
    }
    return edge.to;
  }
}

const sourceOf = (from: string, item: string): string => JSON.stringify([from, item]);
