import { blockOf } from '@otklik/flow';
import { directory } from '$lib/projects/directory.svelte';
import type { Editor } from './editor.svelte';
import { titleOf, type Names } from './words';

/** Names of what the blocks of this document speak of. */
export const namesFor = (editor: Editor): Names => ({
  field: (key) => directory.fieldTitle(key),
  user: (id) => directory.userName(id),
  scenario: (id) => editor.others.data?.find((one) => one.id === id)?.name ?? id,
  block: (id) => {
    const block = blockOf(editor.document, id);
    return block ? titleOf(block) : id;
  },
});
