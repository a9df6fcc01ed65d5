import { resolve } from 'node:path';
import { type Child, freePort } from './processes';
import { mustHavePython, runPython } from './python';
import { until } from './wait';

const PROGRAM = resolve(import.meta.dirname, '../judges/mail.py');

/** A letter of ours, as a mail program of somebody else's reads it. */
export interface Posted {
  from: string;
  to: string[];
  headers: Record<string, string>;
  text: string;
  files: { name: string; mime: string; size: number }[];
  /** What is wrong with its form. */
  defects: string[];
}

interface Letter {
  headers: Record<string, string>;
  text?: string;
  html?: string;
  files?: { name: string; size: number }[];
}

/** A mail server: letters go out to aiosmtpd and come in from pymap. */
export class MailServer {
  private constructor(
    readonly smtp: number,
    readonly imap: number,
    private readonly port: number,
    private readonly programs: Child[],
  ) {}

  readonly login = 'demouser';
  readonly password = 'demopass';

  static async start(): Promise<MailServer> {
    await mustHavePython('aiosmtpd', 'pymap');
    const [smtp, imap, port] = [await freePort(), await freePort(), await freePort()];
    const pymap = ['--host', '127.0.0.1', '--port', String(imap), '--no-tls', 'dict', '--demo-data'];
    const programs = [
      runPython('pymap', ['-c', 'from pymap.main import main; main()', ...pymap]),
      runPython('mail.py', [PROGRAM, String(smtp), String(imap), String(port)]),
    ];
    const server = new MailServer(smtp, imap, port, programs);
    await until('the mail server', async () => {
      for (const program of programs) program.mustRun();
      return (await fetch(server.at('/ready'))).ok;
    });
    return server;
  }

  /** What went out. */
  async posted(): Promise<Posted[]> {
    return (await (await fetch(this.at('/'))).json()) as Posted[];
  }

  /** Letters come into the mailbox. */
  receive(...letters: (Letter | { raw: string })[]) {
    return this.tell('/receive', letters);
  }

  /** The next recipients are answered with these. */
  answerRecipients(...answers: string[]) {
    return this.tell('/answers', answers);
  }

  async stop() {
    await Promise.all(this.programs.map((program) => program.kill()));
  }

  private async tell(path: string, body: unknown) {
    const answer = await fetch(this.at(path), { method: 'POST', body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(`the mail server answered ${answer.status}`);
  }

  private at(path: string): string {
    return `http://127.0.0.1:${this.port}${path}`;
  }
}
