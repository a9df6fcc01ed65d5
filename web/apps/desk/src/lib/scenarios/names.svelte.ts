import { blockOf, type FlowDocument } from '@otklik/flow';
import { directory } from '$lib/projects/directory.svelte';
import { titleOf, type Names } from './words';

interface Source {
  readonly document: FlowDocument;
  readonly others: { readonly data: readonly { id: string; name: string }[] | null };
}

/** Names of what the blocks of this document speak of. */
export const namesFor = (source: Source): Names => ({
  field: (key) => directory.fieldTitle(key),
  user: (id) => directory.userName(id),
  scenario: (id) => source.others.data?.find((one) => one.id === id)?.name ?? id,
  block: (id) => {
    const block = blockOf(source.document, id);
    return block ? titleOf(block) : id;
  },
});
