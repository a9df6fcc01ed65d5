import { type Server, createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { Control, Person } from './control';
import type { Fault } from './types';

interface Command {
  do: 'person' | 'says' | 'document' | 'press' | 'block' | 'fault' | 'flood' | 'ledger';
  id?: number;
  text?: string;
  method?: string;
  fault?: Fault;
  seconds?: number;
}

/** The control interface for judges in other languages: one POST with a command, one JSON answer. */
export class ControlServer {
  private readonly people = new Map<number, Person>();

  private constructor(
    private readonly control: Control,
    private readonly server: Server,
  ) {}

  static async start(control: Control): Promise<ControlServer> {
    const server = createServer();
    const made = new ControlServer(control, server);
    server.on('request', (request, response) => {
      const parts: Buffer[] = [];
      request.on('data', (part: Buffer) => parts.push(part));
      request.on('end', () => {
        const answer = made.run(JSON.parse(Buffer.concat(parts).toString()) as Command);
        response.setHeader('Content-Type', 'application/json');
        response.end(JSON.stringify(answer ?? null));
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return made;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  stop() {
    this.server.closeAllConnections();
    this.server.close();
  }

  private run(command: Command): unknown {
    const { id = 0, text = '' } = command;
    if (command.do === 'person') {
      this.people.set(id, this.control.person(id, text));
      return true;
    }
    if (command.do === 'fault') return this.control.fault(command.method ?? '', command.fault!);
    if (command.do === 'flood') return this.control.flood(command.seconds ?? 1);
    if (command.do === 'ledger') return this.control.bot.ledger;
    const person = this.people.get(id);
    if (!person) throw new Error(`nobody has the id ${id}`);
    if (command.do === 'says') return person.says(text);
    if (command.do === 'document')
      return person.sendsDocument(text, 'text/plain', new TextEncoder().encode(text));
    if (command.do === 'press') return this.control.bring(person.press(text));
    return person.blocks();
  }
}
