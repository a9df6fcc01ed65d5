import type { Connection, Page } from '@otklik/api';
import { api } from '$lib/shared/api';
import { Resource } from '$lib/shared/resource.svelte';

/** The channels of a project, each connected to the outside in its own way. */
export class ConnectionsState {
  readonly list = new Resource(async () => {
    return (await api.get<Page<Connection>>(this.path(), { limit: 200 })).items;
  });
  /** The connection that is being changed or checked. */
  busyId = $state<string | null>(null);

  constructor(private readonly projectId: string) {}

  async connectTelegram(title: string, settings: Record<string, string>): Promise<Connection> {
    const created = await api.post<Connection>(this.path(), { kind: 'telegram', title, settings });
    // The check names the bot; its failure is a state of the channel, not of the form.
    const checked = await api.post<Connection>(this.path(created, '/check')).catch(() => created);
    await this.list.load();
    return checked;
  }

  switch(connection: Connection, on: boolean) {
    return this.run(connection, () => api.patch(this.path(connection), { status: on ? 'active' : 'off' }));
  }

  check(connection: Connection) {
    return this.run(connection, () => api.post(this.path(connection, '/check')));
  }

  remove(connection: Connection) {
    return this.run(connection, () => api.delete(this.path(connection)));
  }

  private async run({ id }: Connection, action: () => Promise<unknown>) {
    this.busyId = id;
    try {
      await action();
    } finally {
      this.busyId = null;
      await this.list.load();
    }
  }

  private path(connection?: Connection, rest = ''): string {
    const list = `/projects/${this.projectId}/connections`;
    return connection ? `${list}/${connection.id}${rest}` : list;
  }
}
