import { ApiError } from '@otklik/api';
import type { HandleClientError } from '@sveltejs/kit';
import { m } from '$lib/paraglide/messages';

export const handleError: HandleClientError = ({ error, status, message }) => {
  if (error instanceof ApiError) {
    return { message: error.code === 'network' ? m.error_network() : error.detail || m.error_generic() };
  }
  if (status !== 404) console.error(error);
  return { message };
};
