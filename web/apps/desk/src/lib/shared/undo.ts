import { toast } from 'svelte-sonner';
import { m } from '$lib/paraglide/messages';
import { attempt } from './attempt';

const UNDO_MS = 10_000;

/** Says what was done, and takes it back for whoever asks in time. Hovering or focusing the words stops the clock. */
export function offerUndo(text: string, undo: () => Promise<unknown>) {
  toast(text, { duration: UNDO_MS, action: { label: m.undo(), onClick: () => void attempt(undo) } });
}
