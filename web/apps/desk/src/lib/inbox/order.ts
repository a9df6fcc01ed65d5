import type { Conversation, Folder, Order } from '@otklik/api';

/** Nobody waits in what has ended, and notes that name one are read as they came: newest first, whatever was chosen. */
export const orderIn = (folder: Folder, chosen: Order): Order =>
  folder === 'closed' || folder === 'mentions' ? 'newest' : chosen;

/** Where a conversation stands; the server puts them in the same order, and positions are of the whole account. */
type Placed = Pick<Conversation, 'position' | 'waiting_since'>;

/** Negative when `a` stands above `b`. */
export function compareIn(order: Order): (a: Placed, b: Placed) => number {
  const byNews = (a: Placed, b: Placed) => b.position - a.position;
  if (order === 'newest') return byNews;
  return (a, b) => waitsSince(a) - waitsSince(b) || byNews(a, b);
}

/** Whoever is not waited for stands after everybody who waits; a large number, because two infinities have no difference. */
function waitsSince({ waiting_since }: Placed): number {
  return waiting_since ? Date.parse(waiting_since) : Number.MAX_SAFE_INTEGER;
}
