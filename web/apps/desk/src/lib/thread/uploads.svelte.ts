import { ApiError, type Attachment } from '@otklik/api';
import { m } from '$lib/paraglide/messages';
import { problemText } from '$lib/shared/problem';
import { api } from '$lib/shared/api';

const LIMIT_BYTES = 20 * 1024 * 1024;

export interface Upload {
  key: string;
  name: string;
  size: number;
  share: number;
  problem: string;
  done: Attachment | null;
}

/** Files on their way into one composer. */
export class Uploads {
  items = $state<Upload[]>([]);
  private readonly aborts = new Map<string, AbortController>();

  /** `ondone` takes over what has arrived: it leaves this list. */
  constructor(
    private readonly projectId: string,
    private readonly to: 'files' | 'scenario-files' = 'files',
    private readonly ondone?: (file: Attachment) => void,
  ) {}

  get ready(): Attachment[] {
    return this.items.flatMap((item) => (item.done ? [item.done] : []));
  }
  get busy(): boolean {
    return this.items.some((item) => !item.done && !item.problem);
  }

  add(files: Iterable<File>) {
    for (const file of files) void this.upload(file);
  }

  remove(key: string) {
    this.aborts.get(key)?.abort();
    this.items = this.items.filter((item) => item.key !== key);
  }

  restore(attachments: Attachment[]) {
    const restored = attachments.map((done) => ({
      key: done.id,
      name: done.name,
      size: done.size,
      share: 1,
      problem: '',
      done,
    }));
    this.items = [...this.items, ...restored];
  }

  clear() {
    this.items = [];
    this.aborts.clear();
  }

  /** Nobody waits for them any more. */
  abort() {
    this.aborts.forEach((abort) => abort.abort());
    this.clear();
  }

  private async upload(file: File) {
    const key = crypto.randomUUID();
    this.items.push({ key, name: file.name || m.file(), size: file.size, share: 0, problem: '', done: null });
    const change = (values: Partial<Upload>) => {
      const item = this.items.find((known) => known.key === key);
      if (item) Object.assign(item, values);
    };
    if (file.size > LIMIT_BYTES) {
      change({ problem: m.attach_too_big() });
      return;
    }
    const abort = new AbortController();
    this.aborts.set(key, abort);
    try {
      const path = `/projects/${this.projectId}/${this.to}`;
      const done = await api.upload<Attachment>(path, file, (share) => change({ share }), abort.signal);
      change({ done, share: 1 });
      if (!this.ondone) return;
      this.remove(key);
      this.ondone(done);
    } catch (error) {
      const isTooBig = error instanceof ApiError && error.status === 413;
      change({ problem: isTooBig ? m.attach_too_big() : problemText(error) });
    } finally {
      this.aborts.delete(key);
    }
  }
}

/**
 * Files that were chosen for an answer stay with its draft when the chat is left: they wait in this page, on their way or there, and are gone
 * with it. The text of the draft goes further; a file that was never sent is removed from the server after a while.
 */
class KeptUploads {
  private readonly all = new Map<string, Uploads>();

  of(projectId: string, conversationId: string): Uploads {
    for (const [id, { items }] of this.all) if (items.length === 0) this.all.delete(id);
    const kept = this.all.get(conversationId) ?? new Uploads(projectId);
    this.all.set(conversationId, kept);
    return kept;
  }

  /** Whoever signs in next has chosen none. */
  forget() {
    this.all.forEach((uploads) => uploads.abort());
    this.all.clear();
  }
}

export const keptUploads = new KeptUploads();
