import type { Field } from '@otklik/api';

export const EXTERNAL_ID = 'external_id';

const fold = (text: string) => text.trim().toLowerCase().replaceAll('ё', 'е');

/** Columns called as a field is (by key or title) go there; a target is given to one column only. */
export function guessTargets(header: string[], fields: Field[]): string[] {
  const taken = new Set<string>();
  return header.map((column) => {
    const name = fold(column);
    const field = fields.find(({ key, title }) => key === name || fold(title) === name);
    const target = name === EXTERNAL_ID ? EXTERNAL_ID : (field?.key ?? '');
    if (!target || taken.has(target)) return '';
    taken.add(target);
    return target;
  });
}

/** The field that two columns give although it holds one value, if there is one. */
export function doubled(targets: string[], fields: Field[]): Field | { title: string } | null {
  const twice = targets.find((target, place) => target !== '' && targets.indexOf(target) !== place);
  if (!twice) return null;
  const field = fields.find(({ key }) => key === twice);
  if (field?.multi) return null;
  return field ?? { title: EXTERNAL_ID };
}
