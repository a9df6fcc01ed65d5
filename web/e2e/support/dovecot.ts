import { chownSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Child, freePort } from './processes';
import { until } from './wait';

const PROGRAM = '/usr/sbin/dovecot';
/** `nobody`: Dovecot reads no mail as root. */
const NOBODY = 65_534;

/** The mail server that many companies have, over a mailbox of ours. */
export class Dovecot {
  private program: Child | undefined;
  private delivered = 0;

  private constructor(
    private readonly folder: string,
    readonly port: number,
  ) {}

  readonly login = 'sales@shop.example';
  readonly password = 'secret';

  static async start(): Promise<Dovecot> {
    if (!existsSync(PROGRAM) || process.getuid?.() !== 0)
      throw new Error('Dovecot is missing, or this is not root: apt-get install dovecot-imapd');
    const server = new Dovecot(await mkdtemp(join(tmpdir(), 'otklik-dovecot-')), await freePort());
    server.makeMailbox();
    await server.run();
    return server;
  }

  async run() {
    const program = new Child('dovecot', PROGRAM, ['-F', '-c', this.configuration()]);
    this.program = program;
    await until('Dovecot', async () => {
      program.mustRun();
      return answers(this.port);
    });
  }

  /** As when its machine goes down. */
  async stop() {
    // Its own children end with it when it is asked to.
    await this.program?.kill('SIGTERM');
    await until('its port to be free', async () => !(await answers(this.port)));
  }

  /** A letter comes in, whole at once. */
  receive(letter: string) {
    const name = `${Date.now()}.${(this.delivered += 1)}.otklik`;
    const [written, there] = [join(this.mail, 'tmp', name), join(this.mail, 'new', name)];
    writeFileSync(written, letter.replaceAll('\n', '\r\n'));
    chownSync(written, NOBODY, NOBODY);
    renameSync(written, there);
  }

  /** While it is down: its numbers are lost, so it numbers the letters anew. */
  forgetNumbers() {
    for (const name of readdirSync(this.mail))
      if (name.startsWith('dovecot')) rmSync(join(this.mail, name), { recursive: true });
  }

  private get mail(): string {
    return join(this.folder, 'mail');
  }

  private makeMailbox() {
    chownSync(this.folder, NOBODY, NOBODY);
    for (const part of ['', 'cur', 'new', 'tmp']) {
      mkdirSync(join(this.mail, part), { recursive: true });
      chownSync(join(this.mail, part), NOBODY, NOBODY);
    }
  }

  private configuration(): string {
    const { folder, port } = this;
    const file = join(folder, 'dovecot.conf');
    writeFileSync(
      file,
      `base_dir = ${folder}/run
state_dir = ${folder}/state
log_path = ${folder}/log
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
auth_mechanisms = plain login
mail_location = maildir:${this.mail}
first_valid_uid = 500
last_valid_uid = 0
service imap-login {
  inet_listener imap {
    address = 127.0.0.1
    port = ${port}
  }
  inet_listener imaps {
    port = 0
  }
}
passdb {
  driver = static
  args = password=${this.password}
}
userdb {
  driver = static
  args = uid=${NOBODY} gid=${NOBODY} home=${folder}/home
}
namespace inbox {
  inbox = yes
}
`,
    );
    return file;
  }
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const end = (is: boolean) => {
      socket.destroy();
      resolve(is);
    };
    socket.once('connect', () => end(true));
    socket.once('error', () => end(false));
  });
}
