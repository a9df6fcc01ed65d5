import { ApiError } from '@otklik/api';
import { api } from '$lib/shared/api';

/** To whom an invitation was sent; null when it is used up, withdrawn or never was. */
export async function findInvitation(token: string): Promise<{ email: string; name: string } | null> {
  try {
    return await api.get<{ email: string; name: string }>(`/invitations/${encodeURIComponent(token)}`);
  } catch (error) {
    const isGone = error instanceof ApiError && error.status >= 400 && error.status < 500;
    if (isGone) return null;
    throw error;
  }
}
