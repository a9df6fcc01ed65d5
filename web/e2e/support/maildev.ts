import { resolve } from 'node:path';
import { Child, freePort } from './processes';
import { until } from './wait';

const PROGRAM = resolve(import.meta.dirname, '../../node_modules/maildev/bin/maildev');

/** A letter as MailDev reads it. */
export interface Caught {
  subject: string;
  from: { address: string; name: string }[];
  to: { address: string }[];
  text: string;
  headers: Record<string, string>;
  attachments?: { fileName: string; contentType: string; length: number }[];
}

/** A mail server that keeps what it is given and shows it. */
export class MailDev {
  private constructor(
    readonly smtp: number,
    private readonly web: number,
    private readonly program: Child,
  ) {}

  readonly login = 'sales@shop.example';
  readonly password = 'secret';

  static async start(): Promise<MailDev> {
    const [smtp, web] = [await freePort(), await freePort()];
    const args = ['--ip', '127.0.0.1', '-s', String(smtp), '-w', String(web), '--web-ip', '127.0.0.1'];
    const program = new Child(
      'maildev',
      process.execPath,
      [PROGRAM, ...args, '--incoming-user', 'sales@shop.example', '--incoming-pass', 'secret'],
      { SCARF_ANALYTICS: 'false' },
    );
    const server = new MailDev(smtp, web, program);
    await until('MailDev', async () => {
      program.mustRun();
      return (await server.caught()).length === 0;
    });
    return server;
  }

  async caught(): Promise<Caught[]> {
    return (await (await fetch(`http://127.0.0.1:${this.web}/email`)).json()) as Caught[];
  }

  stop() {
    return this.program.kill();
  }
}
