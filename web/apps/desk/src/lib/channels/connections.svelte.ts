import type { ChannelKind, Connection, Page } from '@otklik/api';
import { api } from '$lib/shared/api';
import { kindOf } from '$lib/shared/kinds';
import { Resource } from '$lib/shared/resource.svelte';

/** The channels of a project, each connected to the outside in its own way. */
export class ConnectionsState {
  readonly list = new Resource(async () => {
    return (await api.get<Page<Connection>>(this.path(), { limit: 200 })).items;
  });
  /** The connection that is being changed or checked. */
  busyId = $state<string | null>(null);

  constructor(private readonly projectId: string) {}

  async connect(kind: ChannelKind, title: string, settings: Record<string, unknown>): Promise<Connection> {
    const created = await api.post<Connection>(this.path(), { kind, title, settings });
    // The other side of a bridge learns its secret from the answer, so it is asked later. The check of a bot names it; its
    // failure is a state of the channel, not of the form.
    const isAsked = kindOf(kind)?.way !== 'bridge';
    const known = isAsked
      ? await api.post<Connection>(this.path(created, '/check')).catch(() => created)
      : created;
    await this.list.load();
    return known;
  }

  switch(connection: Connection, on: boolean) {
    return this.run(connection, () => api.patch(this.path(connection), { status: on ? 'active' : 'off' }));
  }

  check(connection: Connection) {
    return this.run(connection, () => api.post(this.path(connection, '/check')));
  }

  /** Answers the connection with its new secret, which is told this once. */
  renewSecret(connection: Connection): Promise<Connection> {
    const settings = { renew_secret: true };
    return this.run(connection, () => api.patch<Connection>(this.path(connection), { settings }));
  }

  /** The token of the same bot anew, or another bot's. */
  changeToken(connection: Connection, token: string) {
    return this.run(connection, () => api.patch(this.path(connection), { settings: { token } }));
  }

  /** Other settings of a channel, in the form of its kind. */
  changeSettings(connection: Connection, settings: Record<string, unknown>) {
    return this.run(connection, () => api.patch(this.path(connection), { settings }));
  }

  remove(connection: Connection) {
    return this.run(connection, () => api.delete(this.path(connection)));
  }

  private async run<T>({ id }: Connection, action: () => Promise<T>): Promise<T> {
    this.busyId = id;
    try {
      return await action();
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

/** Where the other side calls us, as it must be told: with the page's own origin while the server has no public address. */
export const hookAddress = (connection: Connection) =>
  new URL(connection.hook_url ?? '', location.origin).href;
