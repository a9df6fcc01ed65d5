import { leavesOf, type Document } from './document';
import { kindOfFact, partsOf, type FactKind } from './facts';

/** A fact that the asked auto-actions look at and nobody else can tell. */
export interface AskedFact {
  fact: string;
  kind: FactKind;
}

/** What a page's address says by itself, and what the clock says. */
const TOLD = (fact: string) =>
  fact === 'page_url' || fact === 'page_path' || fact === 'time' || fact.startsWith('query.');

/** The facts that these conditions look at, once each. */
export function askedFacts(documents: readonly Document[]): AskedFact[] {
  const facts = documents.flatMap(({ conditions }) => leavesOf(conditions).map(({ fact }) => fact));
  const named = (fact: string) => !fact.endsWith('.');
  return [...new Set(facts)]
    .filter((fact) => named(fact) && !TOLD(fact))
    .map((fact) => ({ fact, kind: kindOfFact(partsOf(fact).base) }));
}

/** "shop.ru/sale" is an address, too. */
export function addressOf(text: string): string {
  const plain = text.trim();
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(plain) ? plain : `https://${plain}`;
}

/** What was typed, as the server reads it; what is empty is unknown and not sent. */
export function factsOf(asked: readonly AskedFact[], typed: Record<string, string>): Record<string, unknown> {
  const told = asked.flatMap(({ fact, kind }): [string, unknown][] => {
    const text = (typed[fact] ?? '').trim();
    return text === '' ? [] : [[fact, valueOf(kind, text)]];
  });
  return Object.fromEntries(told);
}

function valueOf(kind: FactKind, text: string): unknown {
  if (kind === 'flag') return text === 'yes';
  if (kind === 'number' || kind === 'share') {
    const number = Number(text.replace(',', '.'));
    return Number.isFinite(number) ? number : text;
  }
  if (kind === 'field') return [text];
  if (kind === 'tag') return text.split(',').map((tag) => tag.trim());
  return text;
}
