interface Row {
  contact_id: string;
  is_test: boolean;
}

/** Rows stay where they are while somebody chooses among them; whoever is new comes first, but after the chosen. */
export function inOrder<R extends Row>(shown: readonly R[], rows: R[]): R[] {
  const places = new Map(shown.map(({ contact_id }, place) => [contact_id, place]));
  const held = rows.filter(({ contact_id }) => places.has(contact_id));
  held.sort((a, b) => places.get(a.contact_id)! - places.get(b.contact_id)!);
  const chosen = held.findLastIndex(({ is_test }) => is_test) + 1;
  const fresh = rows.filter(({ contact_id }) => !places.has(contact_id));
  return [...held.slice(0, chosen), ...fresh, ...held.slice(chosen)];
}
