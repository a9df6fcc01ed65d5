import { ApiClient } from '@otklik/api';

/** The one client of the API. State calls it, components call state: ESLint keeps this file out of them. */
export const api = new ApiClient();
