/** What the server answered last, on this device: read where there is no network. Files of clients are not kept. */

export const ANSWERS = 'otklik-answers';
/** So many answers are kept, the newest. */
const MOST = 400;
/** What is older is not shown any more. */
const LONGEST_MS = 7 * 24 * 60 * 60 * 1_000;
const AT = 'x-kept-at';

/** Answers that a list, a conversation and its client are shown from. */
const READ = [
  /^\/api\/v1\/me$/,
  /^\/api\/v1\/channel-kinds$/,
  /^\/api\/v1\/announcements/,
  /^\/api\/v1\/projects\/[^/]+\/(users|fields|departments|tags|connections|saved-views|canned-replies)(\?|$)/,
  /^\/api\/v1\/projects\/[^/]+\/conversations(\/|\?|$)/,
  /^\/api\/v1\/projects\/[^/]+\/contacts\/[^/]+\/(timeline|reply-channels|multi-contact|conversations)(\?|$)/,
];

export const isRead = (path: string): boolean => READ.some((one) => one.test(path));

/** Keeps an answer; one that does not fit on the device is not kept. */
export async function keepAnswer(path: string, answer: Response, now: number): Promise<void> {
  try {
    const cache = await caches.open(ANSWERS);
    const headers = { 'content-type': 'application/json', [AT]: String(now) };
    await cache.put(path, new Response(await answer.text(), { headers }));
    const kept = await cache.keys();
    await Promise.all(kept.slice(0, Math.max(0, kept.length - MOST)).map((one) => cache.delete(one)));
  } catch {
    // A full disk takes nothing away from the page.
  }
}

/** The kept answer and when it was one. */
export async function keptAnswer(
  path: string,
  now: number,
): Promise<{ answer: Response; at: number } | null> {
  if (!(await caches.has(ANSWERS))) return null;
  const answer = await (await caches.open(ANSWERS)).match(path);
  const at = Number(answer?.headers.get(AT));
  return answer && now - at < LONGEST_MS ? { answer, at } : null;
}
