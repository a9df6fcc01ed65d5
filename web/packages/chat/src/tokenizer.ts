/** Message text as data. Views print tokens as text nodes, so no message can ever become markup. */
export type Token =
  | { kind: 'text'; text: string }
  | { kind: 'bold' | 'italic' | 'code'; text: string }
  | {
      kind: 'link';
      text: string;
      href: string;
      /** Where it really leads, in ASCII, when that is not what its text says. */
      host?: string;
    }
  | { kind: 'break' };

const URL_PATTERN = /\b(?:https?:\/\/|www\.)[^\s<>"'`]+|\b[\w.+-]+@[a-z0-9-]+(?:\.[a-z0-9-]+)+\b/giu;
const MARK_PATTERN =
  /(?<![\p{L}\p{N}*_`])(?:\*\*([^\s*](?:[^*\n]*[^\s*])?)\*\*|\*([^\s*](?:[^*\n]*[^\s*])?)\*|_([^\s_](?:[^_\n]*[^\s_])?)_|`([^`\n]+)`)(?![\p{L}\p{N}*_`])/gu;

export function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  text.split(/\r\n|\r|\n/).forEach((line, index) => {
    if (index > 0) tokens.push({ kind: 'break' });
    linkTokens(line, tokens);
  });
  return tokens;
}

/** Links first: an underscore inside an address is not italics. */
function linkTokens(line: string, tokens: Token[]) {
  let from = 0;
  for (const match of line.matchAll(URL_PATTERN)) {
    const shown = trimTail(match[0]);
    const href = safeHref(shown);
    if (!href) continue;
    markTokens(line.slice(from, match.index), tokens);
    const host = hiddenHost(shown, href);
    tokens.push({ kind: 'link', text: shown, href, ...(host && { host }) });
    from = match.index + shown.length;
  }
  markTokens(line.slice(from), tokens);
}

function markTokens(piece: string, tokens: Token[]) {
  let from = 0;
  for (const match of piece.matchAll(MARK_PATTERN)) {
    pushText(piece.slice(from, match.index), tokens);
    const bold = match[1] ?? match[2];
    if (bold !== undefined) tokens.push({ kind: 'bold', text: bold });
    else if (match[3] !== undefined) tokens.push({ kind: 'italic', text: match[3] });
    else tokens.push({ kind: 'code', text: match[4] ?? '' });
    from = match.index + match[0].length;
  }
  pushText(piece.slice(from), tokens);
}

function pushText(text: string, tokens: Token[]) {
  if (text) tokens.push({ kind: 'text', text });
}

/** Punctuation that ends a sentence belongs to the sentence; a closing bracket only with its opening one. */
function trimTail(address: string): string {
  let text = address.replace(/[.,;:!?»…]+$/u, '');
  if (text.endsWith(')') && !text.includes('(')) text = text.slice(0, -1);
  return text;
}

/**
 * The host of a web address in ASCII, unless the text beside it says just that: `аpple.com` with a Cyrillic
 * letter, letters in percent signs and numbers in another writing lead elsewhere than an eye reads.
 */
export function hiddenHost(shown: string, href: string): string | null {
  let host: string;
  try {
    const url = new URL(href);
    if (url.protocol !== 'https:' && url.protocol !== 'http:') return null;
    host = url.hostname;
  } catch {
    return null;
  }
  const said = /^(?:https?:\/\/)?([^/?#\\]*)/i.exec(shown.trim())?.[1] ?? '';
  return said.replace(/:\d*$/, '').toLowerCase() === host ? null : host;
}

function safeHref(text: string): string | null {
  if (!/^(https?:\/\/|www\.)/i.test(text)) {
    // The pattern takes letters that fold to ASCII ones, too: `K` for `k`.
    return /^[\x21-\x7e]+$/.test(text) ? `mailto:${text}` : null;
  }
  try {
    const url = new URL(/^www\./i.test(text) ? `https://${text}` : text);
    const isWeb = url.protocol === 'https:' || url.protocol === 'http:';
    return isWeb && !url.username && !url.password ? url.href : null;
  } catch {
    return null;
  }
}
