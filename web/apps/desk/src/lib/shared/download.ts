import { api } from './api';

/** Fetches a file that the server makes and hands it to the person; a refusal is an error with words, not a file. */
export async function download(path: string, name: string) {
  handOver(await api.download(path), name);
}

/** Hands a file to the person; signs that no file may be named with are left out of its name. */
export function handOver(file: Blob, name: string) {
  const address = URL.createObjectURL(file);
  const link = document.createElement('a');
  link.href = address;
  link.download = name.replace(/[\\/:*?"<>|]+/g, ' ').trim();
  link.click();
  // The browser has taken it by then.
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
