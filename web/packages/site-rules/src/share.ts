/** A number from 0 to 99 that hangs on the visitor and the rule alone: FNV-1a and the last step of Murmur3 (`share.rs`). */
export function share(visitor: string, rule: string): number {
  const letters = `${visitor}:${rule}`;
  let hash = 0x811c9dc5;
  for (let at = 0; at < letters.length; at++) hash = Math.imul(hash ^ letters.charCodeAt(at), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) % 100;
}
