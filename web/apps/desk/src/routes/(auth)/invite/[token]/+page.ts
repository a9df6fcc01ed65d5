import { ApiError } from '@otklik/api';
import { api } from '$lib/shared/api';
import type { PageLoad } from './$types';

export const load: PageLoad = async ({ params }) => {
  const path = `/invitations/${encodeURIComponent(params.token)}`;
  try {
    return { token: params.token, invitation: await api.get<{ email: string; name: string }>(path) };
  } catch (error) {
    const isGone = error instanceof ApiError && error.status >= 400 && error.status < 500;
    if (isGone) return { token: params.token, invitation: null };
    throw error;
  }
};
