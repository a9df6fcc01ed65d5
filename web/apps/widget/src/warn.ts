const warned = new Set<string>();

/** Said to the page's author, once. */
export function warnOnce(verb: string, why: string) {
  if (warned.has(verb)) return;
  warned.add(verb);
  console.warn(`Otklik: "${verb}" ${why}`);
}
