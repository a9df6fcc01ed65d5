import { getContext, setContext } from 'svelte';
import type { Editor } from '../editor.svelte';
import type { Names } from '../words';

interface Around {
  editor: Editor;
  names: Names;
  /** Opens the choice of blocks for the way from an exit. */
  pick: (from: [string, string], at: { x: number; y: number }) => void;
}

const KEY = Symbol('scenario canvas');

/** Cards and edges are made by the library; what they need of the page comes this way. */
export const provideCanvas = (around: Around) => setContext(KEY, around);
export const canvasAround = () => getContext<Around>(KEY);
