import { ApiClient } from '@otklik/api';
import { offline } from '$lib/shared/offline.svelte';

/** The one client of the API. State calls it, components call state: ESLint keeps this file out of them. */
export const api = new ApiClient(undefined, offline.fetch);
