import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:net';

const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** Below what systems give to connections of their own: a port of theirs may be a connection's before a program listens on it. */
const FIRST_PORT = 20_000;
/** Suites that run at once take theirs from different places. */
const PORTS_OF_SUITE = 3_000;
const first = FIRST_PORT + (Number(process.env.VITEST_POOL_ID ?? 1) % 4) * PORTS_OF_SUITE;
let given = process.pid;

/** A port for a program that is told where to listen; no other program of the suites gets the same. */
export async function freePort(): Promise<number> {
  for (let asked = 0; asked < PORTS_OF_SUITE; asked++) {
    const port = first + (given++ % PORTS_OF_SUITE);
    if (await isFree(port)) return port;
  }
  throw new Error('no free port');
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

/** A child of this suite. It never outlives the suite, however that ends. */
export class Child {
  output = '';
  private readonly process: ChildProcess;
  private readonly ended: Promise<unknown>;
  private problem: Error | undefined;

  constructor(
    private readonly name: string,
    command: string,
    args: string[],
    env: Record<string, string> = {},
    cwd?: string,
  ) {
    this.process = spawn(command, args, {
      env: { ...process.env, ...env },
      cwd,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    running.add(this.process);
    const keep = (part: Buffer) => (this.output = (this.output + part.toString()).slice(-20_000));
    this.process.stdout?.on('data', keep);
    this.process.stderr?.on('data', keep);
    this.process.once('error', (error) => (this.problem = error));
    this.ended = new Promise((resolve) => {
      const forget = () => {
        running.delete(this.process);
        resolve(undefined);
      };
      this.process.once('exit', forget);
      this.process.once('error', forget);
    });
  }

  get isRunning(): boolean {
    return this.problem === undefined && this.process.exitCode === null && this.process.signalCode === null;
  }

  /** Throws with what the process said when it has died. */
  mustRun() {
    if (!this.isRunning)
      throw new Error(`${this.name} ended: ${this.problem?.message ?? ''}\n${this.output}`);
  }

  async kill(signal: NodeJS.Signals = 'SIGKILL') {
    if (this.isRunning) this.process.kill(signal);
    await this.ended;
  }

  async exitCode(): Promise<number | null> {
    await this.ended;
    if (this.problem) throw this.problem;
    return this.process.exitCode;
  }
}

/** Fails with the way to repair it when a program cannot be started. */
export async function mustHaveProgram(name: string, repair: string) {
  const probe = new Child(name, name, ['--version']);
  const code = await probe.exitCode().catch(() => -1);
  if (code !== 0) throw new Error(`the program "${name}" is missing: ${repair}`);
}
