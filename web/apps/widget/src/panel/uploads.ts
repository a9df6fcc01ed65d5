import { useRef, useState } from './hooks';
import type { Attachment } from '../contract';
import type { Core } from '../shell';

export const MAX_FILE_BYTES = 20 * 1024 * 1024;

let nextKey = 1;

export interface Upload {
  key: string;
  file: File;
  share: number;
  attachment: Attachment | null;
  /** Why it did not work; `lost` may be tried again, the rest may not. */
  fault: 'lost' | 'refused' | 'tooBig' | 'empty' | null;
  detail: string;
}

export interface Uploads {
  list: Upload[];
  add(files: File[]): void;
  retry(key: string): void;
  remove(key: string): void;
  clear(): void;
}

/** Files go up as soon as they are chosen, so that sending is only a word. */
export function useUploads(core: Core): Uploads {
  const [list, setList] = useState<Upload[]>([]);
  const aborts = useRef(new Map<string, AbortController>());

  const change = (key: string, part: Partial<Upload>) =>
    setList((known) => known.map((upload) => (upload.key === key ? { ...upload, ...part } : upload)));

  const start = async (key: string, file: File) => {
    const abort = new AbortController();
    aborts.current.set(key, abort);
    change(key, { fault: null, share: 0 });
    const result = await core.upload(file, (share) => change(key, { share }), abort.signal);
    if ('attachment' in result) return change(key, { attachment: result.attachment, share: 1 });
    const { detail } = result.refused;
    change(key, { fault: detail === null ? 'lost' : 'refused', detail: detail ?? '' });
  };

  return {
    list,
    add(files) {
      if (!core.mayTell()) return;
      for (const file of files) {
        const key = String(nextKey++);
        const fault = file.size > MAX_FILE_BYTES ? 'tooBig' : file.size === 0 ? 'empty' : null;
        setList((known) => [...known, { key, file, share: 0, attachment: null, fault, detail: '' }]);
        if (!fault) void start(key, file);
      }
    },
    retry(key) {
      const upload = list.find((known) => known.key === key);
      if (upload) void start(key, upload.file);
    },
    remove(key) {
      aborts.current.get(key)?.abort();
      setList((known) => known.filter((upload) => upload.key !== key));
    },
    clear: () => setList([]),
  };
}
