/** Digits of a phone number at least, and at most (E.164). */
const FEWEST_DIGITS = 7;
const MOST_DIGITS = 15;

const isEmail = (text: string) => /^[^\s@,;<>]+@[^\s@,;<>]+$/.test(text);
const isName = (text: string) => /^@[\w.]{2,}$/.test(text);

function isPhone(text: string): boolean {
  const digits = text.replace(/\D/g, '').length;
  return /^\+?[\d\s().-]+$/.test(text) && digits >= FEWEST_DIGITS && digits <= MOST_DIGITS;
}

/** An address as a whole, as far as that can be seen: the server decides. */
export function isAddress(text: string): boolean {
  const address = text.trim();
  return isEmail(address) || isName(address) || isPhone(address);
}

/** The addresses of a list: one a line, or parted by commas and semicolons. Spaces part them only where no phone is among them. */
export function addressesIn(text: string): string[] {
  const parts = text.split(/[\n\r\t,;]+/).flatMap((part) => {
    const words = part.trim().split(/\s+/);
    return words.every((word) => isEmail(word) || isName(word)) ? words : [part.trim()];
  });
  return [...new Set(parts.filter(isAddress))];
}
