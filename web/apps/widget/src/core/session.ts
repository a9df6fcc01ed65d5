import { EndingLinks } from '@otklik/chat/fileLink';
import type { Ack, Attachment, Hello, Message, ServerFrame } from '../contract';
import type { Core, Shell, UploadResult } from '../shell';
import { Connection, type SocketLike } from './connection';
import { Http } from './http';
import { Facts } from './facts';
import { firstView } from './firstView';
import { followTab } from './life';
import { Outbox, contentOf } from './outbox';
import { Pages } from './pages';
import { applyUpdate, fromAck, localMessage, mergeMessages } from './thread';
import { Typing } from './typing';
import { callVerb, warnOnce } from './verbs';
import type { Entry, View } from './view';

const ACK_TIMEOUT_MS = 15_000;
const POLL_MS = 5_000;
const FAILURES_BEFORE_HTTP = 3;
const CONNECTION_OFF = 'connection_off';

/** One visitor's talk with the server: the socket, what is on its way, and what the panel shows. */
export class Session implements Core {
  view: View;
  contactId: string | null = null;
  identityToken: string | null = null;
  readonly http: Http;
  private readonly connection: Connection;
  private readonly outbox: Outbox;
  private readonly listeners = new Set<() => void>();
  private readonly ending = new AbortController();
  readonly pages: Pages;
  private readonly facts: Facts;
  readonly typists: Typing;
  private conversationId: string | null = null;
  /** The last number of the server's own ordered stream. Answers to our sending do not count: they may overtake it. */
  private lastSeq = 0;
  private unread = 0;
  private isShown = false;
  private readSent = 0;
  private ackTimer: ReturnType<typeof setTimeout> | undefined;
  private pollTimer: ReturnType<typeof setInterval> | undefined;
  private isWanted = false;
  private hasHistory = false;
  private readonly endingLinks = new EndingLinks();

  constructor(
    readonly shell: Shell,
    openSocket: () => SocketLike,
  ) {
    this.http = new Http(shell);
    this.connection = new Connection({
      open: openSocket,
      auth: () => ({
        type: 'auth',
        site_key: shell.key,
        visitor_token: this.http.token ?? null,
        identity_token: this.identityToken,
        page: { ...this.pages.page, referrer: document.referrer },
        locale: shell.locale,
      }),
      onHello: (hello) => this.onHello(hello),
      onFrame: (frame) => this.onFrame(frame),
      onState: (link) => {
        if (link === 'offline') this.onOffline();
        this.show({ link });
      },
      onOff: () => this.show({ isOff: true }),
    });
    this.typists = new Typing(
      () => this.connection.send({ type: 'typing' }),
      (typing) => this.show({ typing }),
    );
    this.facts = new Facts(this.connection, shell.setup.clientId);
    this.outbox = new Outbox(
      shell.store,
      shell.prefix,
      (entry) => this.transmit(entry),
      () => this.show({ entries: this.outbox.entries }),
    );
    this.view = firstView(shell, this.outbox.entries);
    const isWanted = () => this.isWanted;
    followTab(this.connection, isWanted, () => this.markRead(), this.ending.signal);
    this.pages = new Pages((page) => this.connection.send({ type: 'page', ...page }));
    if (this.outbox.entries.length) this.connect();
  }

  connect() {
    this.isWanted = true;
    this.connection.start();
  }

  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  private show(change: Partial<View>) {
    if (!this.view) return;
    this.view = { ...this.view, ...change };
    for (const listener of this.listeners) listener();
  }

  call(verb: string, args: unknown[]): unknown {
    return callVerb(this, verb, args);
  }

  panelShown(isShown: boolean) {
    this.isShown = isShown;
    clearInterval(this.pollTimer);
    if (!isShown) return;
    this.connect();
    if (this.view.history === 'none' && this.http.token) void this.loadHistory();
    this.pollTimer = setInterval(() => this.poll(), POLL_MS);
    this.markRead();
  }

  // Messages out

  send(text: string, attachments: Attachment[] = [], pressed?: string) {
    this.facts.claimId();
    const entry = this.outbox.add(text, attachments, pressed);
    this.connect();
    this.shell.emit('send', { text, client_id: entry.client_id });
  }

  retry(clientId: string) {
    this.outbox.retry(clientId);
    this.connection.retryNow();
  }

  private transmit(entry: Entry): boolean {
    const frame = { type: 'message', client_id: entry.client_id, content: contentOf(entry) } as const;
    if (this.connection.send(frame)) {
      // An answer that never comes means a dead line.
      this.ackTimer = setTimeout(() => this.connection.restart(), ACK_TIMEOUT_MS);
      return true;
    }
    if (!this.isHttpNeeded) return false;
    void this.http.send(entry).then((result) => {
      this.show({ isPolling: !('unreachable' in result), isOff: 'off' in result });
      if ('ack' in result) this.onAck(result.ack);
      else if ('slowed' in result) this.outbox.slow(entry.client_id, result.slowed);
      else if ('refused' in result) this.outbox.refuse(entry.client_id, result.refused);
      else {
        setTimeout(() => {
          this.outbox.disconnected();
          this.outbox.pump();
        }, POLL_MS);
      }
    });
    return true;
  }

  private get isHttpNeeded(): boolean {
    return this.connection.failures >= FAILURES_BEFORE_HTTP && !this.connection.isRefused;
  }

  private onAck(ack: Ack) {
    clearTimeout(this.ackTimer);
    const entry = this.outbox.find(ack.client_id);
    if (entry) this.show({ messages: mergeMessages(this.view.messages, [fromAck(entry, ack)]) });
    this.conversationId ??= ack.conversation_id;
    this.outbox.done(ack.client_id);
  }

  private onOffline() {
    clearTimeout(this.ackTimer);
    this.show({ typing: null });
    // What HTTP is carrying is not lost with the socket.
    if (!this.isHttpNeeded) this.outbox.disconnected();
    this.outbox.pump();
  }

  private onHello(hello: Hello) {
    const isAnother = this.http.token !== undefined && this.http.token !== hello.visitor_token;
    if (isAnother) this.forgetVisitor();
    this.http.keepToken(hello.visitor_token);
    if (hello.contact_id) this.setContact(hello.contact_id);
    const conversation = hello.conversation;
    const isOther = Boolean(conversation && this.conversationId && conversation.id !== this.conversationId);
    if (conversation && (isOther || !this.conversationId)) {
      this.conversationId = conversation.id;
      this.lastSeq = isOther ? 0 : Math.max(this.lastSeq, conversation.seq);
    }
    this.connection.send({ type: 'subscribe', from: this.lastSeq });
    this.show({ operatorsOnline: hello.operators_online, isOff: false });
    this.setUnread(hello.unread);
    this.readSent = 0;
    this.facts.repeat();
    this.outbox.disconnected();
    this.outbox.pump();
    if (this.isShown && this.view.history !== 'ready') void this.loadHistory();
    this.markRead();
  }

  private onFrame(frame: ServerFrame) {
    switch (frame.type) {
      case 'event':
        return this.onEvent(frame);
      case 'ack':
        return this.onAck(frame);
      case 'error':
        clearTimeout(this.ackTimer);
        if (frame.code === CONNECTION_OFF) return this.connection.turnedOff();
        if (!frame.client_id) return;
        // Refused fields are not repeated; the page's author finds the reason in the console.
        if (this.facts.answered(frame.client_id)) return console.warn('Otklik:', frame.detail);
        if (frame.retry_after) return this.outbox.slow(frame.client_id, frame.retry_after);
        return this.outbox.refuse(frame.client_id, frame.detail);
      case 'fields':
        if (frame.contact_id) this.setContact(frame.contact_id);
        return void this.facts.answered(frame.client_id);
      case 'typing':
        return this.typists.theirs(frame.author.name ?? '');
      case 'read':
        return this.onRead(frame.seq);
      case 'operators':
        return this.show({ operatorsOnline: frame.online });
      case 'gap':
        this.lastSeq = Math.max(this.lastSeq, frame.seq);
        this.hasHistory = false;
        this.show({ messages: [] });
        this.connection.send({ type: 'subscribe', from: this.lastSeq });
        return void this.loadHistory();
    }
  }

  private onEvent(event: Extract<ServerFrame, { type: 'event' }>) {
    switch (event.kind) {
      case 'message.created':
        return this.onMessage(event.data);
      case 'message.updated':
      case 'delivery.updated':
        return this.show({ messages: applyUpdate(this.view.messages, event) });
      case 'conversation.updated':
        return this.show({ operatorName: event.data.operator?.name ?? null });
    }
  }

  private onMessage(message: Message) {
    if (message.conversation_id !== this.conversationId) {
      this.conversationId = message.conversation_id;
      this.lastSeq = 0;
    }
    const isNew = !this.view.messages.some((known) => known.id === message.id);
    this.lastSeq = Math.max(this.lastSeq, message.seq);
    if (message.client_id && this.outbox.done(message.client_id)) clearTimeout(this.ackTimer);
    this.merge([message]);
    if (message.contact_id) this.setContact(message.contact_id);
    if (message.author.kind === 'client') return;
    if (!this.connection.isPlain) this.connection.send({ type: 'received', seq: message.seq });
    this.show({ typing: null });
    if (message.author.kind === 'operator') this.onRead(message.seq);
    if (!isNew) return;
    this.arrived(message);
    this.markRead();
  }

  private merge(messages: Message[]) {
    const shown = messages.filter((message) => (message.kind ?? 'message') === 'message');
    this.show({ messages: mergeMessages(this.view.messages, shown) });
  }

  private arrived(message: Message) {
    if (!this.isSeen) this.setUnread(this.unread + 1);
    this.shell.emit('message', {
      id: message.id,
      text: message.content.text ?? '',
      operator: message.author.name ?? null,
    });
  }

  /** An operator's answer also says that everything before it was read; the mark itself may come later or never. */
  private onRead(seq: number) {
    if (seq <= this.view.readSeq) return;
    this.shell.store[this.shell.prefix + 'read'] = String(seq);
    this.show({ readSeq: seq });
  }

  /** A message that only this page sees, as the source product's receiveMessage. */
  showLocal(text: string, operator: string | null) {
    const message = localMessage(text, operator);
    this.show({ typing: null, messages: mergeMessages(this.view.messages, [message]) });
    this.arrived(message);
  }

  // History

  loadOlder() {
    if (this.view.history === 'failed') return void this.loadHistory();
    const oldest = this.view.messages.find((message) => message.conversation_id === this.conversationId);
    if (this.view.hasOlder && this.view.history === 'ready' && oldest) void this.loadHistory(oldest.seq);
  }

  private async loadHistory(before?: number) {
    if (this.view.history === 'loading') return;
    this.show({ history: 'loading' });
    try {
      const { items, hasOlder } = await this.http.history(before);
      const newest = items[0];
      if (before === undefined && newest) {
        if (newest.conversation_id === (this.conversationId ?? newest.conversation_id)) {
          this.conversationId = newest.conversation_id;
          this.lastSeq = Math.max(this.lastSeq, newest.seq);
        }
        const answered = items.find((message) => message.author.kind === 'operator');
        if (answered) this.onRead(answered.seq);
      }
      for (const item of items) if (item.client_id) this.outbox.done(item.client_id);
      const isRefresh = this.hasHistory && before === undefined;
      const news = isRefresh ? items.filter((item) => this.isNews(item)) : [];
      this.hasHistory = true;
      this.show({
        history: 'ready',
        hasOlder: isRefresh ? this.view.hasOlder : hasOlder,
        isPolling: this.isHttpNeeded,
      });
      this.merge(items);
      for (const item of news.reverse()) this.arrived(item);
      this.markRead();
    } catch {
      this.show({ history: 'failed', isPolling: false });
      setTimeout(() => this.isShown && this.view.history === 'failed' && this.loadOlder(), 2_000);
    }
  }

  private isNews(message: Message): boolean {
    return message.author.kind !== 'client' && !this.view.messages.some((known) => known.id === message.id);
  }

  /** A page may be open longer than links to files are good. */
  private async renewLinks() {
    const ofThis = this.view.messages.filter((message) => message.conversation_id === this.conversationId);
    const message = this.endingLinks.take(ofThis, Date.now());
    if (message) this.merge((await this.http.history(message.seq + 1)).items);
  }

  /** Where sockets do not get through, an open panel asks for news. */
  private poll() {
    void this.renewLinks().catch(() => {});
    if (!this.isHttpNeeded || !this.http.token || document.hidden) return;
    void this.loadHistory();
    this.outbox.pump();
  }

  // Marks

  private get isSeen(): boolean {
    return this.isShown && !document.hidden;
  }

  private setUnread(count: number) {
    this.unread = this.isSeen ? 0 : count;
    this.shell.setUnread(this.unread);
  }

  private markRead() {
    if (!this.isSeen) return;
    this.setUnread(0);
    const ofThis = this.view.messages.filter((message) => message.conversation_id === this.conversationId);
    const seq = ofThis.at(-1)?.seq ?? 0;
    if (seq > this.readSent && this.connection.send({ type: 'read', seq })) this.readSent = seq;
  }

  readonly typing = () => this.typists.ours();

  // What the page tells us

  setFields(fields: Record<string, unknown>) {
    if (!Object.keys(fields).length) return;
    this.facts.setFields(fields);
    this.connect();
  }

  /** Another person uses this browser: what the former one wrote is not theirs to see, nor to send. */
  private forgetVisitor() {
    this.outbox.clear();
    this.contactId = null;
    this.conversationId = null;
    this.lastSeq = 0;
    this.hasHistory = false;
    this.show({
      messages: [],
      history: 'none',
      hasOlder: false,
      typing: null,
      operatorName: null,
      readSeq: 0,
    });
    this.setUnread(0);
  }

  /** The person left: the next one who writes here is somebody new. */
  logout() {
    this.identityToken = null;
    this.http.forgetToken();
    this.forgetVisitor();
    if (this.connection.link === 'online') this.connection.restart();
    this.shell.emit('logout');
  }

  identify(token: string) {
    this.identityToken = token;
    this.connect();
    if (this.connection.link === 'online') this.connection.restart();
    this.shell.emit('identify');
  }

  sendEvent(name: string, data: unknown) {
    if (this.connection.isPlain) return warnOnce('event', 'is not known to this server');
    this.facts.sendEvent(name, data);
    this.connect();
  }

  private setContact(id: string) {
    if (id === this.contactId) return;
    this.contactId = id;
    this.shell.emit('clientId', id);
  }

  readonly linkPressed = (url: string) => this.shell.emit('link', url);

  // Files and links

  async upload(file: File, onProgress: (share: number) => void, signal: AbortSignal): Promise<UploadResult> {
    this.connect();
    await this.http.ensureToken();
    return this.http.upload(file, onProgress, signal);
  }

  async telegramUrl(): Promise<string> {
    this.connect();
    await this.http.ensureToken();
    return this.http.telegramUrl();
  }

  destroy() {
    this.connection.stop();
    this.ending.abort();
    this.pages.stop();
    clearInterval(this.pollTimer);
    this.typists.stop();
    this.listeners.clear();
  }
}
