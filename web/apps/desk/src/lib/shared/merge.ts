/** Something of named members, as JSON has it. */
export type Members = Record<string, unknown>;

/** Two edits of the same thing, put together. */
export interface Merged<T> {
  value: T;
  /** Paths of what both have made something else of: mine stands there. */
  clashes: string[];
}

/** What was edited in two places at once. Lists count as one value: two orders cannot be mixed. */
export function merge<T extends object>(before: T, mine: T, theirs: T): Merged<T> {
  const clashes: string[] = [];
  const value = mergeMembers(before as Members, mine as Members, theirs as Members, '', clashes);
  return { value: value as T, clashes };
}

function mergeMembers(before: Members, mine: Members, theirs: Members, path: string, clashes: string[]) {
  const names = [...new Set([...Object.keys(mine), ...Object.keys(theirs)])];
  const merged = names.map((name) => [
    name,
    mergeValue(before[name], mine[name], theirs[name], path + name, clashes),
  ]);
  return Object.fromEntries(merged) as Members;
}

function mergeValue(
  before: unknown,
  mine: unknown,
  theirs: unknown,
  path: string,
  clashes: string[],
): unknown {
  if (same(mine, theirs) || same(before, theirs)) return mine;
  if (same(before, mine)) return theirs;
  if (hasMembers(mine) && hasMembers(theirs))
    return mergeMembers(hasMembers(before) ? before : {}, mine, theirs, `${path}.`, clashes);
  clashes.push(path);
  return mine;
}

/** The value at a path. */
export function valueAt(value: object, path: string): unknown {
  return path.split('.').reduce<unknown>((part, name) => (part as Members)[name], value);
}

/** Puts a value at a path. */
export function putAt(value: object, path: string, put: unknown) {
  const names = path.split('.');
  const last = names.pop() as string;
  const place = names.length > 0 ? valueAt(value, names.join('.')) : value;
  (place as Members)[last] = put;
}

/** Whether both say the same, whatever the order of their members. */
export function same(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((one, place) => same(one, b[place]));
  if (!hasMembers(a) || !hasMembers(b)) return false;
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].every((name) => same(a[name], b[name]));
}

const hasMembers = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
