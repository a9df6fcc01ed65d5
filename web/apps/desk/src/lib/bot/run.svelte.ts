import type { Answer, Schemas } from '@otklik/api';
import { api } from '$lib/shared/api';
import { Resource } from '$lib/shared/resource.svelte';

export type AtWork = Answer<Schemas['ScenarioRun']>;
export type Startable = { id: string; name: string };

/** The scenario at work in one conversation, started and stopped by hand. */
export class ConversationRun {
  readonly run: Resource<AtWork | null>;

  constructor(
    private readonly projectId: string,
    private readonly conversationId: string,
  ) {
    this.run = new Resource(async () => (await api.get<{ run: AtWork | null }>(this.path)).run);
  }

  /** What can be started: whatever was published. */
  async startable(): Promise<Startable[]> {
    const page = await api.get<{ items: Answer<Schemas['Scenario']>[] }>(
      `/projects/${this.projectId}/scenarios`,
    );
    return page.items.filter(({ version }) => version !== null);
  }

  async start(scenarioId: string) {
    await api.post(this.path, { scenario_id: scenarioId });
    await this.run.load();
  }

  async stop() {
    await api.delete(this.path);
    await this.run.load();
  }

  private get path() {
    return `/projects/${this.projectId}/conversations/${this.conversationId}/run`;
  }
}
