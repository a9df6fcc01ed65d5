/** Rows stay where they are while somebody chooses among them; whoever is new comes first. */
export function inOrder<Row extends { contact_id: string }>(shown: readonly Row[], rows: Row[]): Row[] {
  const places = new Map(shown.map(({ contact_id }, place) => [contact_id, place]));
  const place = ({ contact_id }: Row) => places.get(contact_id) ?? -1;
  return [...rows].sort((a, b) => place(a) - place(b));
}
