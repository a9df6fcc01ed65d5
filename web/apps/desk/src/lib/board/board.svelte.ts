import type { Answer, Schemas } from '@otklik/api';
import { live } from '$lib/live/live.svelte';
import { Refresher } from '$lib/live/refresher';
import { api } from '$lib/shared/api';
import { Resource } from '$lib/shared/resource.svelte';

export type Board = Answer<Schemas['Board']>;

const REFRESH_PAUSE_MS = 2_000;
/** What nobody tells of: a limit that was changed, somebody on another node. */
const ANYWAY_MS = 30_000;

/** Who waits and who works in a project now. Whatever happens there makes the page read it again, every two seconds at most. */
export class BoardState {
  readonly board: Resource<Board>;
  private readonly refresher = new Refresher(() => this.board.load(), REFRESH_PAUSE_MS);

  constructor(private readonly projectId: string) {
    this.board = new Resource(() => api.get<Board>(`/projects/${projectId}/board`));
  }

  /** Follows until told to stop. */
  follow(): () => void {
    void this.board.load();
    const anyway = setInterval(this.refresher.soon, ANYWAY_MS);
    const stops = [
      live.follow('board', (event) => {
        if (event.project_id === this.projectId) this.refresher.soon();
      }),
      live.onVisitors((id) => {
        if (id === this.projectId) this.refresher.soon();
      }),
      live.onColleague(this.refresher.soon),
      live.onSnapshot(() => this.board.load()),
    ];
    return () => {
      clearInterval(anyway);
      this.refresher.stop();
      stops.forEach((stop) => stop());
    };
  }
}

/** Since when somebody waits, in minutes; seconds are nobody's business on a board. */
export const waited = (since: string, now: number) => Math.max(0, now - Date.parse(since));
