import type { Field } from '@otklik/api';
import {
  addBlock,
  blockOf,
  changeBlock,
  type Block,
  type BlockType,
  canConnect,
  type ClipProblem,
  connect,
  defaultsOf,
  deleteBlocks,
  disconnect,
  duplicate,
  type Edge,
  edgeFrom,
  emptyDocument,
  exitsOf,
  freePlace,
  type FlowDocument,
  type FlowSettings,
  History,
  insertOnEdge,
  type Kind,
  kinds,
  type Launch,
  leadLaunch,
  moveBlocks,
  moveStart,
  nextNumber,
  opened,
  paste,
  type Point,
  readClip,
  setLaunches,
  setSettings,
  type SettingsOf,
  sizeOf,
  take,
  tidy,
  writeClip,
} from '@otklik/flow';
import { m } from '$lib/paraglide/messages';
import { createField } from '$lib/fields/fields.svelte';
import { directory } from '$lib/projects/directory.svelte';
import { api } from '$lib/shared/api';
import { Resource } from '$lib/shared/resource.svelte';
import { BlockFiles } from './blockFiles.svelte';
import { Checks } from './checks.svelte';
import type { Draft, Problem, Published, Scenario, Version } from './contract';
import { SecretsState } from './secrets/secrets.svelte';
import { Saving } from './saving.svelte';

/** Stands for the card of the launches. */
export const START = 'start';

/** What the canvas does when the rest of the page asks. */
export interface View {
  /** The middle of what is seen. */
  middle: () => Point;
  /** Where the pointer is, if it is over the canvas. */
  pointer: () => Point | null;
  show: (id: string) => void;
  fit: () => void;
  zoom: (by: 1 | -1) => void;
}

const GAP = 96;
/** What a new card takes, more or less. */
const ROOM = { width: 236, height: 140 };

/** One scenario that is being edited: its document, what is chosen in it, and everything that a person may do to it. */
export class Editor {
  document = $state.raw<FlowDocument>(emptyDocument());
  scenario = $state.raw<Scenario | null>(null);
  /** What is published; null while nothing is, or it is not known yet. */
  published = $state.raw<FlowDocument | null>(null);
  /** Chosen blocks, `START` among them. */
  selection = $state.raw<readonly string[]>([]);
  edge = $state.raw<Edge['from'] | null>(null);
  canUndo = $state(false);
  canRedo = $state(false);
  isOperator = $state(false);
  view: View | null = null;

  readonly opening = new Resource(() => this.open());
  readonly others = new Resource(() => api.all<Scenario>(this.path()));
  readonly versions = new Resource(() => api.all<Version>(this.own('/versions')));
  readonly secrets: SecretsState;
  readonly files: BlockFiles;
  readonly saving: Saving;
  readonly checks: Checks;
  readonly isReadOnly = $derived.by(() => this.isOperator || this.saving.state === 'taken');
  readonly chosen = $derived.by((): Block | null => {
    const [only, ...more] = this.selection;
    return only && more.length === 0 ? (blockOf(this.document, only) ?? null) : null;
  });

  private history = new History(emptyDocument());
  /** The lowest number that no block ever had. */
  private floor = 1;

  constructor(
    readonly projectId: string,
    readonly scenarioId: string,
  ) {
    this.secrets = new SecretsState(projectId);
    this.files = new BlockFiles(projectId, (block, file) => this.attach(block, file));
    this.saving = new Saving(
      {
        read: () => api.get<Draft>(this.own('/draft')),
        write: (document, revision) => api.put<Draft>(this.own('/draft'), { document, revision }),
      },
      ({ problems }) => (this.checks.problems = problems),
    );
    this.checks = new Checks(async (document) => {
      const { problems } = await api.post<{ problems: Problem[] }>(this.path('/check'), { document });
      return problems;
    });
  }

  /** Everything of the page, from the server. */
  private async open(): Promise<Scenario> {
    const [scenario, draft] = await Promise.all([
      api.get<Scenario>(this.own()),
      api.get<Draft>(this.own('/draft')),
      directory.open(this.projectId),
    ]);
    this.scenario = scenario;
    this.adopt(draft);
    void this.learnPublished();
    return scenario;
  }

  /** What runs now, beside the draft. A block of it keeps its number, even if the draft has none left of it. */
  private async learnPublished() {
    const version = this.scenario?.version ?? null;
    if (version === null) return;
    const published = await this.version(version).catch(() => null);
    if (!published) return;
    this.published = opened(published.document);
    this.floor = Math.max(this.floor, nextNumber(this.published));
  }

  /** Takes the draft of the server for what is edited. */
  adopt(draft: Draft) {
    const document = opened(draft.document);
    this.saving.start({ ...draft, document });
    this.checks.problems = draft.problems;
    this.history.restart(document);
    this.choose([]);
    this.sync();
  }

  private version = (version: number) => api.get<Published>(this.own(`/versions/${version}`));

  stop() {
    this.saving.stop();
    this.checks.stop();
  }

  // What is chosen

  choose(ids: readonly string[]) {
    this.edge = null;
    if (ids.length === this.selection.length && ids.every((id) => this.selection.includes(id))) return;
    this.history.seal();
    this.selection = ids;
  }

  chooseEdge(from: Edge['from'] | null) {
    this.edge = from;
    if (from) this.selection = [];
  }

  /** Chooses a block and brings it into sight. */
  go(id: string) {
    this.choose([id]);
    this.view?.show(id);
  }

  // Steps

  /** `typing` names the field that is typed into. */
  edit(next: FlowDocument, typing = '') {
    if (this.isReadOnly || next === this.document) return;
    this.history.push(next, typing);
    this.sync();
    this.saving.changed(next);
    this.checks.soon(next);
  }

  undo() {
    this.step(() => this.history.undo());
  }
  redo() {
    this.step(() => this.history.redo());
  }
  seal() {
    this.history.seal();
  }

  private step(move: () => void) {
    if (this.isReadOnly) return;
    move();
    this.sync();
    this.saving.changed(this.document);
    this.checks.soon(this.document);
  }

  private sync() {
    this.document = this.history.present;
    this.canUndo = this.history.canUndo;
    this.canRedo = this.history.canRedo;
    this.floor = Math.max(this.floor, nextNumber(this.document));
    const isThere = (id: string) => id === START || blockOf(this.document, id) !== undefined;
    if (!this.selection.every(isThere)) this.selection = this.selection.filter(isThere);
    if (this.edge && !edgeFrom(this.document, ...this.edge)) this.edge = null;
  }

  // Blocks

  private fresh(kind: Kind) {
    const words = {
      button: (number: number) => m.scn_button_number({ number }),
      rating: m.scn_rating_text(),
    };
    return { type: kinds[kind].type, settings: defaultsOf(kind, words) };
  }

  /** At a place, with the exit that leads there if there is one. */
  add(kind: Kind, pos: Point, from?: Edge['from']): string {
    const { document, id } = addBlock(this.document, { ...this.fresh(kind), pos }, this.floor);
    this.edit(from ? lead(document, from, id) : document);
    this.choose([id]);
    return id;
  }

  /** Without a place: after the chosen block if that leads nowhere yet, in the middle of what is seen otherwise. */
  append(kind: Kind): string {
    const from = this.openExit();
    const id = this.add(kind, this.roomFor(from), from ?? undefined);
    this.view?.show(id);
    return id;
  }

  private openExit(): Edge['from'] | null {
    if (this.selection[0] === START || this.document.blocks.length === 0) return [START, 'next'];
    const block = this.chosen;
    const exit =
      block && exitsOf(block).find(({ id, quiet }) => !quiet && !edgeFrom(this.document, block.id, id));
    return block && exit ? [block.id, exit.id] : null;
  }

  private roomFor(from: Edge['from'] | null): Point {
    const block = from && blockOf(this.document, from[0]);
    const beside: Point | null = !block ? null : [block.pos[0] + sizeOf(block).width + GAP, block.pos[1]];
    const place = beside ?? this.view?.middle() ?? [320, 160];
    return freePlace(this.document, place, ROOM);
  }

  insert(kind: Kind, from: Edge['from']) {
    const put = insertOnEdge(this.document, from, this.fresh(kind), this.floor);
    if (!put) return;
    this.edit(put.document);
    this.choose([put.id]);
  }

  /** Whatever is chosen, be it blocks or an edge. */
  remove() {
    if (this.edge) this.edit(disconnect(this.document, this.edge));
    else this.edit(deleteBlocks(this.document, this.selection));
  }

  duplicate() {
    const { document, ids } = duplicate(this.document, this.selection, this.floor);
    if (ids.length === 0) return;
    this.edit(document);
    this.choose(ids);
  }

  move(places: ReadonlyMap<string, Point>) {
    const start = places.get(START);
    const moved = moveBlocks(this.document, places);
    this.edit(start ? moveStart(moved, start) : moved);
  }

  nudge(x: number, y: number) {
    const chosen = this.document.blocks.filter(({ id }) => this.selection.includes(id));
    this.edit(
      moveBlocks(this.document, new Map(chosen.map(({ id, pos }) => [id, [pos[0] + x, pos[1] + y]]))),
      `move ${this.selection.join(' ')}`,
    );
  }

  async tidy() {
    const before = this.document;
    const tidied = await tidy(before);
    if (this.document !== before) return;
    this.edit(tidied);
    this.view?.fit();
  }

  /** A file has arrived for a block, wherever the person is by now. */
  private attach(id: string, file: string) {
    const block = blockOf(this.document, id);
    if (block?.type !== 'message') return;
    this.change(block, { ...block.settings, files: [...(block.settings.files ?? []), file] });
  }

  change<Type extends BlockType>(block: Block<Type> | Block, settings: SettingsOf[Type], typing = '') {
    this.edit(changeBlock(this.document, block.id, { settings }), typing && `${block.id} ${typing}`);
  }

  rename(block: Block, title: string) {
    this.edit(changeBlock(this.document, block.id, { title }), `${block.id} title`);
  }

  // Ways

  mayConnect(from: Edge['from'], to: string): boolean {
    if (from[0] === START) return blockOf(this.document, to) !== undefined;
    return canConnect(this.document, from, to);
  }

  /** An empty `to` cuts the way. */
  lead(from: Edge['from'], to: string) {
    if (to && !this.mayConnect(from, to)) return;
    if (to || from[0] === START) this.edit(lead(this.document, from, to));
    else this.edit(disconnect(this.document, from));
  }

  setLaunches(launch: Launch[], typing = '') {
    this.edit(setLaunches(this.document, launch), typing);
  }

  setSettings(values: FlowSettings) {
    this.edit(setSettings(this.document, values));
  }

  // Clipboard

  private get here() {
    return { project: this.projectId, scenario: this.scenarioId };
  }

  /** The chosen blocks as text; nothing where none is chosen. */
  copied(): string | null {
    const clip = take(this.document, this.selection, this.here);
    return clip.blocks.length > 0 ? writeClip(clip) : null;
  }

  /** What is wrong with the text, if it is not blocks. */
  paste(text: string): ClipProblem | null {
    const clip = readClip(text);
    if (typeof clip === 'string') return clip;
    const at = this.view?.pointer() ?? this.view?.middle() ?? [0, 0];
    const { document, ids } = paste(this.document, clip, at, this.here, this.floor);
    this.edit(document);
    this.choose(ids);
    return null;
  }

  // The server

  /** For an answer that is to be kept somewhere: a field that is not there yet. */
  async createField(values: Partial<Field>): Promise<Field> {
    const field = await createField(this.projectId, values);
    await directory.refresh();
    this.checks.soon(this.document);
    return field;
  }

  async setName(name: string) {
    this.scenario = await api.patch<Scenario>(this.own(), { name });
  }

  /** Of what was saved last, which is what is seen: it is saved first. */
  async publish(): Promise<number> {
    if (!(await this.saving.save())) throw this.saving.failure;
    const revision = this.saving.currentRevision;
    const { version } = await api
      .post<{ version: number }>(this.own('/publish'), { revision })
      .catch(async (error: unknown) => {
        await this.saving.heed(error);
        throw error;
      });
    this.published = this.document;
    this.scenario = await api.get<Scenario>(this.own());
    return version;
  }

  /** An older version becomes the draft; what stood before is one step back. */
  async restore(version: number) {
    if (!(await this.saving.save())) throw this.saving.failure;
    const before = this.document;
    const draft = await api.post<Draft>(this.own(`/versions/${version}/restore`));
    const document = opened(draft.document);
    this.saving.start({ ...draft, document });
    this.checks.problems = draft.problems;
    if (before !== document) this.history.push(document);
    this.choose([]);
    this.sync();
  }

  /** Goes on over what somebody else has saved; that is one step back. */
  async takeOver() {
    const theirs = this.saving.other?.document;
    const mine = this.document;
    if (!theirs) return;
    this.history.push(opened(theirs));
    this.history.push(mine);
    await this.saving.takeOver();
    this.sync();
  }

  private own(rest = ''): string {
    return this.path(`/${this.scenarioId}${rest}`);
  }
  private path(rest = ''): string {
    return `/projects/${this.projectId}/scenarios${rest}`;
  }
}

/** From an exit, or from the launches: from all of them, or from one. */
function lead(document: FlowDocument, from: Edge['from'], to: string): FlowDocument {
  if (from[0] !== START) return connect(document, from, to);
  const number = /^launch:(\d+)$/.exec(from[1])?.[1];
  const withLaunch: FlowDocument =
    document.launch.length > 0 ? document : { ...document, launch: [{ kind: 'first_message', to: '' }] };
  return leadLaunch(withLaunch, to, number === undefined ? undefined : Number(number));
}
