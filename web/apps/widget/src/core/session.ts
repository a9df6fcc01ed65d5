import type { Ack, Attachment, Hello, Message, ServerFrame } from '../contract';
import type { Core, Shell } from '../shell';
import { keepAgreed, pointAtBox } from './agreement';
import { authOf } from './auth';
import { ring } from './bell';
import { Connection, type SocketLike } from './connection';
import { Http } from './http';
import { Facts } from './facts';
import { firstView, NOBODY } from './firstView';
import { followTab } from './life';
import { askLaunch, formOf, isEmpty, refusal, takeForm, type Labelled } from './asks';
import { Links } from './links';
import { Marks } from './marks';
import { Outbox, frameOf } from './outbox';
import { Shown } from './shown';
import { Pages } from './pages';
import { Place } from './place';
import { applyUpdate, fromAck, isNews, localMessage, mergeMessages } from './thread';
import { Typing } from './typing';
import type { Entry, Form, Values } from './view';

const ACK_TIMEOUT_MS = 15_000;
const POLL_MS = 5_000;

/** One visitor's talk with the server: the socket, what is on its way, and what the panel shows. */
export class Session extends Shown implements Core {
  contactId: string | null = null;
  identityToken: string | null = null;
  readonly http: Http;
  readonly #connection: Connection;
  readonly #outbox: Outbox;
  readonly #ending = new AbortController();
  readonly pages: Pages;
  readonly facts: Facts;
  readonly typists: Typing;
  readonly #place = new Place();
  #isShown = false;
  #ackTimer: ReturnType<typeof setTimeout> | undefined;
  #pollTimer: ReturnType<typeof setInterval> | undefined;
  #isWanted = false;
  #hasHistory = false;
  readonly #links: Links;
  readonly #marks: Marks;

  constructor(
    readonly shell: Shell,
    openSocket: () => SocketLike,
  ) {
    super();
    this.http = new Http(shell);
    this.#links = new Links(this.http);
    this.#connection = new Connection({
      open: openSocket,
      auth: () => authOf(this),
      onHello: (hello) => this.#onHello(hello),
      onFrame: (frame) => this.#onFrame(frame),
      onState: (link) => {
        if (link === 'offline') this.#onOffline();
        this.show({ link });
      },
      onOff: () => this.show({ isOff: true }),
    });
    this.#marks = new Marks(shell, this.#isSeen, (seq) => this.#connection.send({ type: 'read', seq }));
    this.typists = new Typing(
      (text) => this.#connection.send({ type: 'typing', text }),
      (typing) => this.show({ typing }),
      shell.config.typing_preview,
    );
    this.facts = new Facts(this.#connection, shell.setup.clientId, () => this.connect());
    this.#outbox = new Outbox(
      shell,
      (entry) => this.#transmit(entry),
      () => this.show({ entries: this.#outbox.entries }),
    );
    this.view = firstView(shell, this.#outbox.entries);
    const isWanted = () => this.#isWanted && !shell.isHeld;
    followTab(this.#connection, isWanted, () => this.#markRead(), this.#ending.signal);
    this.pages = new Pages((page) => this.#connection.send({ type: 'page', ...page }));
    if (this.#outbox.entries.length) this.connect();
  }

  connect(anew = false) {
    this.#isWanted = true;
    if (this.shell.isHeld) return;
    if (anew) this.#connection.restart();
    this.#connection.start();
  }

  allow(isAllowed: boolean) {
    if (isAllowed) return void (this.#isWanted && this.connect());
    this.#connection.stop();
    this.logout();
  }

  panelShown(isShown: boolean) {
    this.#isShown = isShown;
    clearInterval(this.#pollTimer);
    if (!isShown) return;
    this.connect();
    if (this.view.history === 'none' && this.http.token) void this.#loadHistory();
    this.#pollTimer = setInterval(() => this.#poll(), POLL_MS);
    this.#markRead();
  }

  send(text: string, attachments: Attachment[] = [], pressed?: string) {
    this.facts.claimId();
    this.#put(text, attachments, { pressed });
  }

  #put(text: string, attachments: Attachment[], more: Pick<Entry, 'pressed' | 'form'>) {
    const talk = this.#isHere ? undefined : this.view.talk!;
    const entry = this.#outbox.add(text, attachments, { ...more, talk });
    this.connect();
    this.shell.emit('send', { text, client_id: entry.client_id });
  }

  launch(button: Labelled) {
    // What it starts speaks where the visitor is spoken with.
    if (!this.#isHere) this.turn(null);
    this.facts.claimId();
    askLaunch(this.#outbox, button, this.shell.locale);
    this.connect();
  }

  showForm(button: Form | null, values?: Values, fault?: string) {
    this.show({ form: button && formOf(button, this.shell.locale, values, fault) });
  }

  agree(isTicked: boolean) {
    this.show({ isAgreed: keepAgreed(this.shell, isTicked) });
    this.#outbox.pump();
  }

  mayTell(): boolean {
    return this.view.isAgreed || pointAtBox(this.shell);
  }

  /** The values go first, as fields of the visitor, and the words for the operator after them. */
  callBack(values: Values, text: string) {
    const button = this.view.form!.button;
    this.showForm(null);
    this.facts.claimId();
    this.#put(text, [], { form: isEmpty(values) ? undefined : { button, values } });
  }

  retry(clientId: string) {
    this.#outbox.retry(clientId);
    this.#connection.retryNow();
  }

  #transmit(entry: Entry): boolean {
    if (this.shell.isHeld || !this.view.isAgreed) return false;
    clearTimeout(this.#ackTimer);
    if (this.#connection.send(frameOf(entry))) {
      // An answer that never comes means a dead line.
      this.#ackTimer = setTimeout(() => this.#connection.restart(), ACK_TIMEOUT_MS);
      return true;
    }
    if (!this.#connection.isHttpNeeded) return false;
    // Without sockets nothing starts by itself: an operator reads which button was pressed, or what the form says.
    void this.http.send(entry).then((result) => {
      this.show({ isPolling: !('unreachable' in result), isOff: 'off' in result });
      if ('ack' in result) this.#onAck(result.ack);
      else this.#outbox.settle(entry.client_id, result);
    });
    return true;
  }

  #onAck(ack: Ack) {
    clearTimeout(this.#ackTimer);
    const entry = this.#outbox.find(ack.client_id);
    this.#began(entry, ack.conversation_id);
    if (entry) this.#merge([fromAck(entry, ack)]);
    this.#place.id ??= ack.conversation_id;
    this.#outbox.done(ack.client_id);
  }

  #onOffline() {
    clearTimeout(this.#ackTimer);
    this.show({ typing: null });
    // What HTTP is carrying is not lost with the socket.
    if (!this.#connection.isHttpNeeded) this.#outbox.disconnected();
    this.#outbox.pump();
  }

  #onHello(hello: Hello) {
    if (this.http.token && this.http.token !== hello.visitor_token) this.#forgetVisitor();
    this.http.keepToken(hello.visitor_token);
    if (hello.contact_id) this.#setContact(hello.contact_id);
    this.#place.begin(hello, this.#hasHistory);
    this.#connection.send({ type: 'subscribe', from: this.#place.seq });
    this.show({ operatorsOnline: hello.operators_online, isOff: false });
    this.#marks.begin(hello.unread);
    this.facts.repeat();
    this.#outbox.disconnected();
    this.#outbox.pump();
    if ((this.#isShown || hello.unread) && this.view.history !== 'ready') void this.#loadHistory();
    this.#markRead();
  }

  #onFrame(frame: ServerFrame) {
    switch (frame.type) {
      case 'event':
        return this.#onEvent(frame);
      case 'ack':
        return this.#onAck(frame);
      case 'error':
        clearTimeout(this.#ackTimer);
        if (frame.code === 'connection_off') return this.#connection.turnedOff();
        if (!frame.client_id) return;
        if (this.facts.answered(frame.client_id, frame.detail, frame.retry_after)) return;
        if (frame.retry_after) return this.#outbox.slow(frame.client_id, frame.retry_after);
        return this.#onRefused(frame.client_id, frame.detail);
      case 'called':
      case 'fields':
        if (frame.contact_id) this.#setContact(frame.contact_id);
        if (!this.facts.answered(frame.client_id) && frame.client_id) this.#outbox.told(frame.client_id);
        return;
      case 'launched':
        clearTimeout(this.#ackTimer);
        this.#setContact(frame.contact_id);
        this.facts.answered(frame.client_id);
        // A busy conversation has somebody in it already: nothing needs saying.
        return void this.#outbox.done(frame.client_id);
      case 'typing':
        return this.typists.theirs(frame.author.name ?? '');
      case 'read':
        return void (this.#isHere && this.#onRead(frame.seq));
      case 'closed':
        return void (this.#isHere && this.show({ closedId: frame.conversation_id }));
      case 'operators':
        return this.show({ operatorsOnline: frame.online });
      case 'queue':
        return this.show(frame); // The view has a place, too.
      case 'gap':
        this.#place.seq = Math.max(this.#place.seq, frame.seq);
        this.#hasHistory = false;
        this.show({ messages: [] });
        this.#connection.send({ type: 'subscribe', from: this.#place.seq });
        return void this.#loadHistory();
    }
  }

  #onRefused(id: string, detail: string) {
    const form = takeForm(this.#outbox, id);
    if (!form) return this.#outbox.refuse(id, refusal(this.#outbox, id, detail, this.shell.locale));
    this.show({ form: formOf(form.button, this.shell.locale, form.values, detail) });
  }

  #onEvent(event: Extract<ServerFrame, { type: 'event' }>) {
    switch (event.kind) {
      case 'message.created':
        return this.#onMessage(event.data);
      case 'message.updated':
      case 'delivery.updated':
        return this.show({ messages: applyUpdate(this.view.messages, event) });
      case 'conversation.updated':
        return this.show({ operatorName: event.data.operator?.name ?? null });
    }
  }

  #onMessage(message: Message) {
    const isNew = !this.view.messages.some((known) => known.id === message.id);
    this.#place.heard(message);
    if (message.client_id) {
      this.#began(this.#outbox.find(message.client_id), message.conversation_id);
      if (this.#outbox.done(message.client_id)) clearTimeout(this.#ackTimer);
    }
    this.#merge([message]);
    if (message.contact_id) this.#setContact(message.contact_id);
    if (message.author.kind === 'client') return;
    if (!this.#connection.isPlain) this.#connection.send({ type: 'received', seq: message.seq });
    this.show({ typing: null, closedId: null });
    if (message.author.kind === 'operator' && this.#isHere) this.#onRead(message.seq);
    if (!isNew) return;
    this.#arrived(message);
    this.#markRead();
  }

  readonly #isSeen = () => this.#isShown && !document.hidden && this.#isHere;

  /** The conversation that goes on is the one shown. */
  get #isHere(): boolean {
    return this.view.talk === null || this.view.talk === this.#place.id;
  }

  turn(talk: string | null) {
    this.#hasHistory = false;
    const { readSeq } = firstView(this.shell, []);
    this.show({
      ...NOBODY,
      talk,
      readSeq: talk === null ? readSeq : 0,
      history: talk === '' ? 'ready' : 'none',
    });
    if (talk !== '') void this.#loadHistory();
  }

  /** Another conversation has got its id with its first message. */
  #began(entry: Entry | undefined, id: string) {
    if (entry?.talk !== '') return;
    this.#outbox.begun(id);
    if (this.view.talk === '') this.show({ talk: id });
  }

  #merge(messages: Message[]) {
    const { talk } = this.view;
    const shown = messages.filter(
      (message) =>
        (message.kind ?? 'message') === 'message' &&
        (talk ?? message.conversation_id) === message.conversation_id,
    );
    this.show({ messages: mergeMessages(this.view.messages, shown) });
  }

  #arrived(message: Message) {
    this.#marks.arrived();
    ring(this.shell, message, this.#isSeen());
  }

  /** An operator's answer also says that everything before it was read; the mark itself may come later or never. */
  #onRead(seq: number) {
    if (seq <= this.view.readSeq) return;
    if (this.#isHere) this.shell.store[this.shell.prefix + 'read'] = String(seq);
    this.show({ readSeq: seq });
  }

  /** A message that only this page sees, as the source product's receiveMessage. */
  showLocal(text: string, operator: string | null) {
    const message = localMessage(text, operator);
    this.show({ typing: null, messages: mergeMessages(this.view.messages, [message]) });
    this.#arrived(message);
  }

  loadOlder() {
    if (this.view.history === 'failed') return void this.#loadHistory();
    const shown = this.view.talk ?? this.#place.id;
    const oldest = this.view.messages.find((message) => message.conversation_id === shown);
    if (this.view.hasOlder && this.view.history === 'ready' && oldest) void this.#loadHistory(oldest.seq);
  }

  async #loadHistory(before?: number) {
    if (this.view.history === 'loading') return;
    this.show({ history: 'loading' });
    const { talk } = this.view;
    try {
      const { items, hasOlder } = await this.http.history(talk, before);
      // Another one is shown by now, and asked for its own.
      if (talk !== this.view.talk) return;
      const newest = items[0];
      if (before === undefined && newest) {
        this.#place.read(newest);
        const answered = items.find((message) => message.author.kind === 'operator');
        if (answered) this.#onRead(answered.seq);
      }
      for (const item of items) if (item.client_id) this.#outbox.done(item.client_id);
      const isRefresh = this.#hasHistory && before === undefined;
      const news = isRefresh ? items.filter((item) => isNews(item, this.view.messages)) : [];
      this.#hasHistory = true;
      this.show({
        history: 'ready',
        hasOlder: isRefresh ? this.view.hasOlder : hasOlder,
        isPolling: this.#connection.isHttpNeeded,
      });
      this.#merge(items);
      for (const item of news.reverse()) this.#arrived(item);
      if (talk && newest) this.#connection.send({ type: 'read', seq: newest.seq, conversation_id: talk });
      this.#markRead();
    } catch {
      if (talk !== this.view.talk) return;
      this.show({ history: 'failed', isPolling: false });
      setTimeout(() => this.#isShown && this.view.history === 'failed' && this.loadOlder(), 2_000);
    }
  }

  /** Where sockets do not get through, an open panel asks for news. */
  #poll() {
    void this.#links.renew(this.view.messages, (fresh) => this.#merge(fresh));
    if (!this.#connection.isHttpNeeded || !this.http.token || document.hidden) return;
    void this.#loadHistory();
    this.#outbox.pump();
  }

  #markRead() {
    const last = this.view.messages.findLast((message) => message.conversation_id === this.#place.id);
    this.#marks.read(last?.seq ?? 0);
  }

  readonly typing = (text: string) => this.view.isAgreed && this.typists.ours(text);

  /** Another person uses this browser: what the former one wrote is not theirs to see, nor to send. */
  #forgetVisitor() {
    this.#outbox.clear();
    this.contactId = null;
    this.#place.forget();
    this.#hasHistory = false;
    this.show(NOBODY);
    this.#marks.setUnread(0);
  }

  /** The person left: the next one who writes here is somebody new. */
  logout() {
    this.identityToken = null;
    this.http.forgetToken();
    this.facts.clear();
    this.agree(false);
    delete this.shell.store[this.shell.prefix + 'before'];
    this.#forgetVisitor();
    this.#connection.restart();
    this.shell.emit('logout');
  }

  identify(token: string) {
    this.identityToken = token;
    this.connect(true);
    this.shell.emit('identify');
  }

  #setContact(id: string) {
    if (id === this.contactId) return;
    this.contactId = id;
    this.shell.emit('clientId', id);
  }

  readonly upload: Core['upload'] = (...upload) => {
    this.connect();
    return this.http.upload(...upload);
  };

  telegramUrl(): Promise<string> {
    this.connect();
    return this.http.telegramUrl();
  }

  destroy() {
    this.#connection.stop();
    this.#ending.abort();
    this.pages.stop();
    clearInterval(this.#pollTimer);
    this.typists.stop();
  }
}
