import type { Answer, Schemas } from '@otklik/api';

/** What the server finds. */
export type Hit = Answer<Schemas['SearchHit']>;
export type Kind = Schemas['SearchKind'];
