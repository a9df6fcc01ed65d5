import type { Answer, Schemas } from '@otklik/api';

/** What the server finds. */
export type Hit = Answer<Schemas['SearchHit']>;
export type Kind = Schemas['SearchKind'];
export type SearchHits = Answer<Schemas['SearchHits']>;
/** How far the index is. */
export type SearchIndex = SearchHits['index'];
