import { api } from './api';

/** Fetches a file that the server makes and hands it to the person; a refusal is an error with words, not a file. */
export async function download(path: string, name: string) {
  const address = URL.createObjectURL(await api.download(path));
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  // The browser has taken it by then.
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
