import { groups, type Kind, kinds, kindsOf } from '@otklik/flow';
import { groupName, kindName } from './words';

/** What a block of the palette is under while it is dragged. */
export const BLOCK_MIME = 'application/x-otklik-block';

export const isKind = (text: string): text is Kind => text in kinds;

/** The blocks whose names hold what was typed, by groups. */
export function found(query: string): { name: string; kinds: Kind[] }[] {
  const wanted = query.trim().toLocaleLowerCase();
  return groups
    .map((group) => ({
      name: groupName(group),
      kinds: kindsOf(group).filter((kind) => kindName(kind).toLocaleLowerCase().includes(wanted)),
    }))
    .filter((group) => group.kinds.length > 0);
}
