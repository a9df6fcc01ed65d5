import type { Field } from '@otklik/api';
import {
  emptyDocument,
  importTypebot,
  isBlockType,
  readDocument,
  tidy,
  type FlowDocument,
  type Imported,
  type Template,
} from '@otklik/flow';
import { createField } from '$lib/fields/fields.svelte';
import { live } from '$lib/live/live.svelte';
import { Refresher } from '$lib/live/refresher';
import { directory } from '$lib/projects/directory.svelte';
import { api } from '$lib/shared/api';
import { Resource } from '$lib/shared/resource.svelte';
import type { Draft, Scenario } from '../contract';
import { exportFile } from '../files';
import { sayTemplate } from './templateWords';

/** The scenarios of a project. */
export class ScenariosState {
  readonly list = new Resource(() => api.all<Scenario>(this.path()));

  constructor(private readonly projectId: string) {}

  /** Follows what others do to them; returns how to stop. */
  follow(): () => void {
    const refresher = new Refresher(() => this.list.load());
    const forget = live.follow('scenarios', (event) => {
      const isOurs = event.project_id === this.projectId && event.data.resource === 'scenarios';
      if (isOurs) refresher.soon();
    });
    return () => {
      forget();
      refresher.stop();
    };
  }

  /** Hours and times of day are those of whoever makes it. */
  create(name: string, document: FlowDocument = emptyDocument()): Promise<Scenario> {
    const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
    const settings = { ...document.settings, time_zone: document.settings.time_zone ?? timeZone };
    return this.post(name, { ...document, settings });
  }

  /** With the fields that the template writes to, where the project has none. */
  async createFrom(name: string, template: Template): Promise<Scenario> {
    await directory.open(this.projectId);
    for (const { key, kind, title } of template.needs) {
      if (directory.fields.some((field) => field.key === key)) continue;
      const values: Partial<Field> = { key, kind, title: sayTemplate(title), show_when_empty: true };
      await createField(this.projectId, values);
    }
    await directory.refresh();
    // How long the texts are depends on the language, and so does the order on the canvas.
    return this.create(name, await tidy(template.build(sayTemplate)));
  }

  /**
   * A scenario from a file of ours, or of Typebot: then with what was lost on the way.
   *
   * @throws NotTypebot where it is neither.
   */
  async importFile(file: File): Promise<{ scenario: Scenario; imported: Imported | null }> {
    const text = await file.text();
    const fallback = file.name.replace(/\.json$/i, '');
    const own = readDocument(text, isBlockType);
    if (own) return { scenario: await this.post(own.name || fallback, own), imported: null };
    const imported = importTypebot(text);
    const { document } = imported;
    return { scenario: await this.create(document.name || fallback, document), imported };
  }

  async duplicate(scenario: Scenario, name: string): Promise<Scenario> {
    return this.post(name, (await this.draft(scenario)).document);
  }

  async export(scenario: Scenario) {
    exportFile(scenario.name, (await this.draft(scenario)).document);
  }

  /** `stop` ends the runs that are alive, `finish` lets them end by themselves. */
  async remove(scenario: Scenario, runs: 'finish' | 'stop') {
    await api.delete(`${this.path()}/${scenario.id}?runs=${runs}`);
    await this.list.load();
  }

  private draft = ({ id }: Scenario) => api.get<Draft>(`${this.path()}/${id}/draft`);

  private async post(name: string, document: FlowDocument): Promise<Scenario> {
    const { id: _, version: __, name: ___, ...plain } = document;
    const scenario = await api.post<Scenario>(this.path(), { name, document: { ...plain, name } });
    await this.list.load();
    return scenario;
  }

  private path(): string {
    return `/projects/${this.projectId}/scenarios`;
  }
}
