import { until } from './wait';

export interface Message {
  id: string;
  conversation_id: string;
  contact_id: string;
  channel: string;
  seq: number;
  author: { kind: string; name: string | null };
  kind: string;
  content: {
    text: string;
    attachments: Attachment[];
    buttons: unknown[];
    event?: { code: string; data: Record<string, unknown> };
  };
  delivery: { status: string; reason: { code: string; detail: string } | null } | null;
  edited_at: string | null;
}

export interface Attachment {
  id: string;
  name: string;
  mime: string;
  size: number;
  url: string;
}

export interface Contact {
  id: string;
  channel: string;
  name: string | null;
  handle: string;
  multi_contact_id: string;
  fields: Record<string, { value: string; verified: boolean; source: string }[]>;
}

export interface Conversation {
  id: string;
  contact_id: string;
  channel: string;
  status: string;
  contact: { id: string; name: string | null; handle: string; multi_contact_size: number };
  last_message: Message | null;
}

interface List<T> {
  items: T[];
}

/** The product's HTTP API as a program uses it. */
export class Api {
  constructor(
    private readonly origin: string,
    private readonly key: string,
    readonly projectId: string,
  ) {}

  async call<T>(method: string, path: string, body?: unknown): Promise<T> {
    const { status, text } = await this.raw(method, path, body);
    if (status >= 400) throw new Error(`${method} ${path} answered ${status}: ${text}`);
    return (text ? JSON.parse(text) : undefined) as T;
  }

  async raw(method: string, path: string, body?: unknown): Promise<{ status: number; text: string }> {
    const headers: Record<string, string> = { Authorization: `Bearer ${this.key}` };
    if (body !== undefined && !(body instanceof FormData)) headers['Content-Type'] = 'application/json';
    const answer = await fetch(this.origin + '/api/v1' + path, {
      method,
      headers,
      body: body === undefined || body instanceof FormData ? body : JSON.stringify(body),
    });
    return { status: answer.status, text: await answer.text() };
  }

  project<T>(method: string, path: string, body?: unknown): Promise<T> {
    return this.call<T>(method, `/projects/${this.projectId}${path}`, body);
  }

  async conversations(): Promise<Conversation[]> {
    return (await this.project<List<Conversation>>('GET', '/conversations?folder=all&limit=200')).items;
  }

  conversation(id: string): Promise<Conversation> {
    return this.project<Conversation>('GET', `/conversations/${id}`);
  }

  async contacts(): Promise<Contact[]> {
    return (await this.project<List<Contact>>('GET', '/contacts?limit=200')).items;
  }

  contact(id: string): Promise<Contact> {
    return this.project<Contact>('GET', `/contacts/${id}`);
  }

  /** Messages of a conversation, oldest first. */
  async messages(conversationId: string): Promise<Message[]> {
    const path = `/conversations/${conversationId}/messages?limit=200`;
    return (await this.project<List<Message>>('GET', path)).items.reverse();
  }

  /** What was said, without events, oldest first. */
  async texts(conversationId: string): Promise<string[]> {
    const said = (await this.messages(conversationId)).filter((message) => message.kind === 'message');
    return said.map((message) => message.content.text);
  }

  async message(conversationId: string, id: string): Promise<Message> {
    const found = (await this.messages(conversationId)).find((message) => message.id === id);
    if (!found) throw new Error(`no message ${id}`);
    return found;
  }

  send(
    conversationId: string,
    text: string,
    attachments: string[] = [],
    buttons: unknown[] = [],
  ): Promise<Message> {
    const body = { client_id: crypto.randomUUID(), content: { text, attachments, buttons } };
    return this.project<Message>('POST', `/conversations/${conversationId}/messages`, body);
  }

  note(conversationId: string, text: string): Promise<Message> {
    const body = { client_id: crypto.randomUUID(), text };
    return this.project<Message>('POST', `/conversations/${conversationId}/notes`, body);
  }

  upload(name: string, mime: string, bytes: Uint8Array<ArrayBuffer>): Promise<Attachment> {
    const form = new FormData();
    form.append('file', new Blob([bytes], { type: mime }), name);
    return this.project<Attachment>('POST', '/files', form);
  }

  /** A colleague of this project, who has taken the invitation; answers the id. */
  async addColleague(person: { name: string; email: string; password: string }): Promise<string> {
    const { name, email, password } = person;
    const asked = { email, name, role: 'operator', project_ids: [this.projectId] };
    const invited = await this.call<{ invite_url: string }>('POST', '/users', asked);
    const token = invited.invite_url.split('/').at(-1);
    await this.call('POST', `/invitations/${token}`, { name, password });
    const { items } = await this.project<{ items: { id: string; name: string }[] }>('GET', '/users');
    return items.find((user) => user.name === name)!.id;
  }

  addPhoneRule(): Promise<{ id: string }> {
    return this.project('POST', '/multi-contact-rules', { fields: ['phone'] });
  }

  connectTelegram(baseUrl: string, token: string, mode: 'polling' | 'webhook'): Promise<{ id: string }> {
    const settings = { token, mode, base_url: baseUrl };
    return this.project('POST', '/connections', { kind: 'telegram', title: 'Telegram', settings });
  }

  replyChannels(
    contactId: string,
  ): Promise<List<{ contact_id: string; can_write: boolean; reason: string | null }>> {
    return this.project('GET', `/contacts/${contactId}/reply-channels`);
  }

  /** The conversation in which somebody has said this. */
  conversationWith(text: string): Promise<Conversation> {
    return until(`a conversation with "${text}"`, async () => {
      for (const conversation of await this.conversations()) {
        if ((await this.texts(conversation.id)).includes(text)) return conversation;
      }
      return undefined;
    });
  }

  /** A message of ours once its delivery is in this state. */
  settled(message: Message, status: string): Promise<Message> {
    return until(`the delivery of "${message.content.text}" to be ${status}`, async () => {
      const now = await this.message(message.conversation_id, message.id);
      return now.delivery?.status === status && now;
    });
  }
}
