import { resolve } from 'node:path';
import { type Child, freePort } from './processes';
import { mustHavePython, runPython } from './python';
import { until } from './wait';

const PROGRAM = resolve(import.meta.dirname, '../judges/own_channel.py');

/** A call of the product that the other side took: its signature was right. */
export interface TakenCall {
  id: string;
  type: string;
  is_repeat: boolean;
  data: {
    message_id: string;
    recipient: { external_id: string };
    text: string;
    buttons: unknown[];
    attachments: { name: string; mime: string; size: number; url: string }[];
  };
}

interface Saying {
  /** The `webhook-id`; a new one unless given. */
  id?: string;
  minutes_off?: number;
  secret?: string;
  /** Signs something else than it sends. */
  spoil?: boolean;
}

/** The other side of an own channel: a Python program whose signatures are made and judged by `standardwebhooks`. */
export class OtherSide {
  private constructor(
    readonly origin: string,
    private readonly program: Child,
  ) {}

  static async start(): Promise<OtherSide> {
    await mustHavePython('standardwebhooks');
    const port = await freePort();
    const side = new OtherSide(
      `http://127.0.0.1:${port}`,
      runPython('own_channel.py', [PROGRAM, String(port)]),
    );
    await until('the other side to answer', async () => {
      side.program.mustRun();
      return (await fetch(`${side.origin}/`)).ok;
    });
    return side;
  }

  /** Where it takes our calls. */
  get url(): string {
    return `${this.origin}/in`;
  }

  set(values: { hook?: string; secret?: string; answer?: number }) {
    return this.control({ do: 'set', ...values });
  }

  /** Calls the product, signed. Answers the product's status, and its code when it refused. */
  async say(type: string, data: object, saying: Saying = {}): Promise<{ status: number; code?: string }> {
    return (await this.control({ do: 'say', type, data, ...saying })) as { status: number; code?: string };
  }

  async calls(type: string): Promise<TakenCall[]> {
    const { taken } = (await this.control({ do: 'tell' })) as { taken: TakenCall[] };
    return taken.filter((call) => call.type === type);
  }

  /** Messages that it took with this text. */
  async messages(text: string): Promise<TakenCall[]> {
    return (await this.calls('message.created')).filter((call) => call.data.text === text);
  }

  async stop() {
    await this.program.kill();
  }

  private async control(command: object): Promise<unknown> {
    const answer = await fetch(`${this.origin}/control`, { method: 'POST', body: JSON.stringify(command) });
    if (!answer.ok) throw new Error(`the other side answered ${answer.status}: ${await answer.text()}`);
    return answer.json();
  }
}
