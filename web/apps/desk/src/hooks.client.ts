import { ApiError } from '@otklik/api';
import type { HandleClientError } from '@sveltejs/kit';
import { problemText } from '$lib/shared/problem';

/** A page that could not be opened says why in the reader's language, as every other failed call does. */
export const handleError: HandleClientError = ({ error, status, message }) => {
  if (error instanceof ApiError) return { message: problemText(error) };
  if (status !== 404) console.error(error);
  return { message };
};
