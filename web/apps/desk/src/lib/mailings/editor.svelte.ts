import { toast } from 'svelte-sonner';
import { m } from '$lib/paraglide/messages';
import { live } from '$lib/live/live.svelte';
import { Refresher } from '$lib/live/refresher';
import { api } from '$lib/shared/api';
import { same } from '$lib/shared/merge';
import { Resource } from '$lib/shared/resource.svelte';
import { Around } from './around.svelte';
import type { Mailing, MailingDocument, Matched, Preflight, Sample, Test } from './contract';
import { copyOf, editable, goesOn, sendable } from './document';
import { DraftSaving } from './draft.svelte';
import { RecipientList, type Asked } from './recipients.svelte';

const COUNT_PAUSE_MS = 500;
const POLL_MS = 2_000;

/** One mailing: its draft as it is edited, or its run as it goes. */
export class MailingPage {
  readonly mailing: Resource<Mailing>;
  /** What stands in the editor. */
  document = $state<MailingDocument | null>(null);
  readonly around: Around;
  readonly saving: DraftSaving;
  readonly preflight: Resource<Preflight>;
  /** The shown numbers are of an earlier draft. */
  isCounting = $state(false);
  private counting: ReturnType<typeof setTimeout> | undefined;
  private asked = 0;

  constructor(
    readonly projectId: string,
    readonly id: string,
  ) {
    this.around = new Around(projectId);
    this.mailing = new Resource(() => api.get<Mailing>(this.path));
    this.preflight = new Resource(() => api.post<Preflight>(`${this.path}/preflight`));
    this.saving = new DraftSaving(
      {
        read: () => api.get<Mailing>(this.path),
        write: (document, revision) => api.put<Mailing>(this.path, { document, revision }),
      },
      {
        saved: (mailing) => {
          this.mailing.data = mailing;
          this.countSoon();
        },
        joined: (document, clashes) => {
          this.put(document);
          toast(clashes.length > 0 ? m.mailing_joined_mine() : m.mailing_joined());
        },
        started: (mailing) => {
          this.saving.forget();
          this.take(mailing);
          toast.error(m.mailing_started_meanwhile());
        },
      },
    );
  }

  get isDraft(): boolean {
    return this.mailing.data?.state === 'draft';
  }

  async load() {
    this.around.load();
    await this.mailing.load();
    const { data } = this.mailing;
    if (!data) return;
    this.take(data);
    if (this.isDraft) void this.count();
  }

  /** Called after every edit. */
  touched() {
    if (this.document && this.isDraft) this.saving.changed($state.snapshot(this.document) as MailingDocument);
  }

  /** Asks anew how many it will be, of what the server has. */
  async count() {
    clearTimeout(this.counting);
    const asked = ++this.asked;
    this.isCounting = true;
    await this.saving.save();
    await this.preflight.load();
    if (asked === this.asked) this.isCounting = false;
  }

  countSoon() {
    clearTimeout(this.counting);
    this.isCounting = true;
    this.counting = setTimeout(() => void this.count(), COUNT_PAUSE_MS);
  }

  /** Follows what others do with it, and its numbers while it runs and somebody looks; returns how to stop. */
  watch(): () => void {
    const refresher = new Refresher(() => this.refresh());
    const forget = live.follow('mailings', (event) => {
      const isOurs = event.project_id === this.projectId && event.data.resource === 'mailings';
      if (isOurs && !this.isDraft) refresher.soon();
    });
    const timer = setInterval(() => {
      const { data } = this.mailing;
      if (data && goesOn(data) && document.visibilityState === 'visible') refresher.soon();
    }, POLL_MS);
    return () => {
      clearInterval(timer);
      forget();
      refresher.stop();
      clearTimeout(this.counting);
      this.saving.stop();
    };
  }

  /** Lets it go: at its time, or at once. */
  async start(now = false) {
    if (this.isDraft && !(await this.saving.save())) throw this.saving.failure;
    this.take(await api.post<Mailing>(`${this.path}/start`, now ? { now: true } : {}));
  }
  readonly pause = () => this.do('pause');
  readonly resume = () => this.do('resume');
  readonly stop = () => this.do('stop');

  copy(title: string): Promise<Mailing> {
    const { document } = this.mailing.data as Mailing;
    return api.post<Mailing>(
      `/projects/${this.projectId}/mailings`,
      copyOf(sendable(editable(document)), title),
    );
  }

  match(values: string[]): Promise<Matched> {
    return api.post<Matched>(`/projects/${this.projectId}/mailings/match`, { values });
  }

  /** How one client sees what the server has. */
  async sample(contact_id: string): Promise<Sample> {
    await this.saving.save();
    return api.post<Sample>(`${this.path}/sample`, { contact_id });
  }

  readonly tests = new Resource(async () => (await api.get<{ items: Test[] }>(`${this.path}/test`)).items);

  async test(contact_ids: string[]) {
    await this.saving.save();
    await api.post(`${this.path}/test`, { contact_ids });
    await this.tests.load();
  }

  /** The people behind a number. */
  recipients(asked: Asked): RecipientList {
    return new RecipientList(`${this.path}/recipients`, { ...asked, preview: this.isDraft });
  }

  /** What was put together; conditions that are still being written stay, for the server has none of them. */
  private put(together: MailingDocument) {
    const mine = $state.snapshot(this.document) as MailingDocument | null;
    const isMine = mine && same(sendable(mine).audience, together.audience);
    this.document = { ...together, ...(isMine && { audience: mine.audience }) };
  }

  private async do(deed: 'pause' | 'resume' | 'stop') {
    this.take(await api.post<Mailing>(`${this.path}/${deed}`));
    // A scheduled one that is stopped is a draft again.
    if (this.isDraft) void this.count();
  }

  /** A draft is none of this: what others write comes with the next saving. */
  private async refresh() {
    await this.mailing.load();
    if (this.mailing.data?.state !== 'draft') return;
    this.take(this.mailing.data);
    void this.count();
  }

  private take(mailing: Mailing) {
    this.mailing.data = mailing;
    if (mailing.state !== 'draft') return;
    this.document = editable(mailing.document);
    this.saving.start(mailing);
  }

  get path(): string {
    return `/projects/${this.projectId}/mailings/${this.id}`;
  }
}
