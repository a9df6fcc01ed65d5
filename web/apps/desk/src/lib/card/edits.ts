import type { Contact, MultiContact } from '@otklik/api';
import { toast } from 'svelte-sonner';
import { m } from '$lib/paraglide/messages';
import { attempt } from '$lib/shared/attempt';

/** Where the card's contacts are kept and changed; every change answers the contact as the server has it then. */
interface Contacts {
  group: MultiContact | null;
  saveFields(contactId: string, fields: Record<string, string | string[] | null>): Promise<Contact>;
  undoField(contactId: string, key: string, values: string[]): Promise<Contact>;
  saveTags(contactId: string, tags: string[]): Promise<Contact>;
}

/** Changes a field, says what became of it, and offers to take that back. */
export async function saveField(
  contacts: Contacts,
  contactId: string,
  key: string,
  value: string | string[] | null,
) {
  const saved = (await contacts.saveFields(contactId, { [key]: value })).fields[key] ?? [];
  const undo = async () => {
    await contacts.undoField(
      contactId,
      key,
      saved.map((standing) => standing.value),
    );
    toast.success(m.field_undone());
  };
  const action = { label: m.undo(), onClick: () => void attempt(undo) };
  if (saved.some(({ unusable }) => unusable)) toast.warning(m.field_saved_unusable(), { action });
  else toast.success(m.field_saved(), { action });
}

/** Changes the tags. What colleagues changed meanwhile stays when it is taken back. */
export async function saveTags(contacts: Contacts, contactId: string, wanted: string[]) {
  const tagsOf = () => contacts.group?.contacts.find(({ id }) => id === contactId)?.tags ?? [];
  const before = tagsOf();
  const { tags: after } = await contacts.saveTags(contactId, wanted);
  const undo = async () => {
    const kept = tagsOf().filter((tag) => before.includes(tag) || !after.includes(tag));
    const back = before.filter((tag) => !after.includes(tag) && !kept.includes(tag));
    await contacts.saveTags(contactId, [...kept, ...back]);
    toast.success(m.tags_undone());
  };
  toast.success(m.tags_saved(), { action: { label: m.undo(), onClick: () => void attempt(undo) } });
}
