/** Frames of the operators' socket (asyncapi.json). */

import type { Answer, Schemas } from './types';

/** What the server says on `/api/v1/live`. */
export type ServerFrame = Answer<Schemas['OperatorFrame']>;

/** What happened, as every reader is told it. */
export type LiveEvent = Answer<Schemas['Event']>;

/** What an operator's page says. */
export type ClientFrame = Schemas['OperatorCall'];
