import type { Talk } from '../contract';
import type { Shell } from '../shell';

/** The visitor's newest conversations; nobody has more to choose from. */
export async function readTalks({ origin, key, store, prefix }: Shell): Promise<Talk[]> {
  const token = store[prefix + 'visitor'];
  if (!token) return [];
  const answer = await fetch(`${origin}/w/v1/conversations?limit=50`, {
    headers: { 'X-Otklik-Site': key, 'X-Otklik-Visitor': token },
    credentials: 'omit',
    signal: AbortSignal.timeout(15_000),
  });
  if (!answer.ok) throw new Error(`conversations ${answer.status}`);
  return ((await answer.json()) as { items: Talk[] }).items;
}
