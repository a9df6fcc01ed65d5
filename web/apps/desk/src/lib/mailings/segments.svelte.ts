import type { Answer, Schemas } from '@otklik/api';
import { live } from '$lib/live/live.svelte';
import { api } from '$lib/shared/api';
import { Resource } from '$lib/shared/resource.svelte';
import type { Audience } from './contract';

/** Characters of a name at most. */
export const SEGMENT_NAME_MAX = 80;

export type Segment = Omit<Answer<Schemas['Segment']>, 'audience'> & { audience: Audience };
export type SegmentUsage = Answer<Schemas['SegmentUsage']>;

/** Audiences with a name, of one project. */
export class SegmentsState {
  readonly list: Resource<Segment[]>;

  constructor(readonly projectId: string) {
    this.list = new Resource(() => api.all<Segment>(this.path()));
  }

  /** Follows what colleagues do; returns how to stop. */
  follow(): () => void {
    void this.list.load();
    const stops = [
      live.follow('segments', ({ project_id, data }) => {
        if (project_id === this.projectId && data.resource === 'segments') void this.list.load();
      }),
      live.onSnapshot(() => this.list.load()),
    ];
    return () => stops.forEach((stop) => stop());
  }

  async create(name: string, audience: Audience): Promise<Segment> {
    const made = await api.post<Segment>(this.path(), { name, audience });
    await this.list.load();
    return made;
  }

  /** Another name, other conditions: whoever means the segment means it by its id. */
  async change({ id, revision }: Segment, name: string, audience: Audience) {
    await api.put<Segment>(this.path(id), { name, audience, revision });
    await this.list.load();
  }

  usage = (segment: Segment) => api.get<SegmentUsage>(`${this.path(segment.id)}/usage`);

  async remove(segment: Segment) {
    await api.delete(this.path(segment.id));
    await this.list.load();
  }

  private path(id?: string): string {
    return `/projects/${this.projectId}/segments${id ? `/${id}` : ''}`;
  }
}
