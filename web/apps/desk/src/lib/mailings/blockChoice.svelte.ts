import type { FlowDocument } from '@otklik/flow';
import { titleOf } from '$lib/scenarios/words';
import { api } from '$lib/shared/api';

/** The blocks of a scenario as it was published last, to choose one. */
export class BlockChoice {
  blocks = $state.raw<{ id: string; name: string }[]>([]);
  private asked = '';

  async show(projectId: string, scenarioId: string) {
    if (scenarioId === this.asked) return;
    this.asked = scenarioId;
    this.blocks = [];
    if (!scenarioId) return;
    const path = `/projects/${projectId}/scenarios/${scenarioId}`;
    const { version } = await api.get<{ version: number | null }>(path).catch(() => ({ version: null }));
    if (version === null) return;
    const found = await api
      .get<{ document: FlowDocument | null }>(`${path}/versions/${version}`)
      .catch(() => null);
    if (this.asked !== scenarioId) return;
    this.blocks = (found?.document?.blocks ?? []).map((block) => ({ id: block.id, name: titleOf(block) }));
  }
}
