import { resolve } from 'node:path';
import { type Child, freePort } from './processes';
import { mustHavePython, runPython } from './python';
import { until } from './wait';

const PROGRAM = resolve(import.meta.dirname, '../judges/push_service.py');

/** A note that the service's libraries unsealed and believed. */
export interface Note {
  name: string;
  kind: string;
  title: string;
  body: string;
  conversation_id?: string;
  topic: string | null;
  claims: { key: string; aud: string; sub: string };
}

export interface Subscription {
  endpoint: string;
  keys: { p256dh: string; auth: string };
}

/** A push service on this machine, in Python: `http_ece` unseals what comes, `jwt` checks who sent it. */
export class PushService {
  private constructor(
    readonly origin: string,
    private readonly program: Child,
  ) {}

  static async start(): Promise<PushService> {
    await mustHavePython('http_ece');
    const port = await freePort();
    const service = new PushService(
      `http://127.0.0.1:${port}`,
      runPython('push_service.py', [PROGRAM, String(port)]),
    );
    await until('the push service to answer', async () => {
      service.program.mustRun();
      return (await fetch(`${service.origin}/`)).ok;
    });
    return service;
  }

  subscribe(name: string): Promise<Subscription> {
    return this.control<Subscription>({ do: 'subscribe', name });
  }

  set(values: { answer: number }) {
    return this.control({ do: 'set', ...values });
  }

  async notes(): Promise<Note[]> {
    const { notes, refused } = await this.control<{ notes: Note[]; refused: string[] }>({ do: 'tell' });
    if (refused.length > 0) throw new Error(`not believed: ${refused.join('; ')}`);
    return notes;
  }

  async stop() {
    await this.program.kill();
  }

  private async control<T>(command: object): Promise<T> {
    const answer = await fetch(`${this.origin}/control`, { method: 'POST', body: JSON.stringify(command) });
    if (!answer.ok) throw new Error(`the push service answered ${answer.status}: ${await answer.text()}`);
    return (await answer.json()) as T;
  }
}
