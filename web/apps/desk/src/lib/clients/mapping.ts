import type { Field } from '@otklik/api';

export const EXTERNAL_ID = 'external_id';
/** The contact's own id, as our export writes it. */
export const CONTACT_ID = 'id';

/** Columns that our export begins with: together they tell its tables from others that call something "id". */
const EXPORTED = [EXTERNAL_ID, CONTACT_ID, 'channel', 'multi_contact_id', 'created_at'];

const fold = (text: string) => text.trim().toLowerCase().replaceAll('ё', 'е');

/** Columns called as a field is (by key or title) go there; a target is given to one column only. */
export function guessTargets(header: string[], fields: Field[]): string[] {
  const names = header.map(fold);
  const isExport = EXPORTED.every((column) => names.includes(column));
  const taken = new Set<string>();
  return names.map((name) => {
    const target = targetOf(name, fields, isExport);
    if (!target || taken.has(target)) return '';
    taken.add(target);
    return target;
  });
}

function targetOf(name: string, fields: Field[], isExport: boolean): string {
  if (name === EXTERNAL_ID) return EXTERNAL_ID;
  if (name === CONTACT_ID && isExport) return CONTACT_ID;
  return fields.find(({ key, title }) => key === name || fold(title) === name)?.key ?? '';
}

/** Whether a target is a field: names of a contact alone say nothing about it. */
export const isField = (target: string) => !['', EXTERNAL_ID, CONTACT_ID].includes(target);

/** The field that two columns give although it holds one value, if there is one. */
export function doubled(targets: string[], fields: Field[]): Field | { title: string } | null {
  const twice = targets.find((target, place) => target !== '' && targets.indexOf(target) !== place);
  if (!twice) return null;
  const field = fields.find(({ key }) => key === twice);
  if (field?.multi) return null;
  return field ?? { title: twice };
}
