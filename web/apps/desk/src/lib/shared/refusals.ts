import { ApiError } from '@otklik/api';

/** Somebody else has saved the same draft since it was read. */
export const isTaken = (error: unknown): boolean =>
  error instanceof ApiError && error.status === 409 && error.code === 'draft_changed';

/** Nothing is wrong with what was sent: the same may go well a little later. */
export const isPassing = (error: unknown): boolean =>
  error instanceof ApiError && (error.status === 0 || error.status === 401 || error.status >= 500);

/** A scenario that has no version yet, and so no numbers. */
export const isUnpublished = (error: unknown): boolean =>
  error instanceof ApiError && error.code === 'not_published';
