const BASE = 36;
/** Numbers have 32 bits, as in every other reader of it. */
const MOST = 0xffffffff;

/** A label behind its `xn--` (RFC 3492), undefined for what is none. */
export function punycode(label: string): string | undefined {
  const dash = label.lastIndexOf('-');
  const out = dash > 0 ? [...label.slice(0, dash)].map((c) => c.charCodeAt(0)) : [];
  let point = 128;
  let bias = 72;
  let at = 0;
  for (let next = dash > 0 ? dash + 1 : 0; next < label.length;) {
    const before = at;
    for (let weight = 1, k = BASE; ; k += BASE) {
      const digit = parseInt(label[next++] ?? '', BASE);
      if (isNaN(digit)) return;
      // Letters are the first digits here, numbers the last ones.
      const value = digit < 10 ? digit + 26 : digit - 10;
      at += value * weight;
      if (at > MOST || weight > MOST) return;
      const threshold = k <= bias ? 1 : Math.min(k - bias, 26);
      if (value < threshold) break;
      weight *= BASE - threshold;
    }
    const length = out.length + 1;
    let delta = Math.floor((at - before) / (before ? 2 : 700));
    delta += Math.floor(delta / length);
    bias = 0;
    for (; delta > 455; bias += BASE) delta = Math.floor(delta / 35);
    bias += Math.floor((36 * delta) / (delta + 38));
    point += Math.floor(at / length);
    at %= length;
    if (point > 0x10ffff || (point >= 0xd800 && point < 0xe000)) return;
    out.splice(at++, 0, point);
  }
  return String.fromCodePoint(...out);
}
