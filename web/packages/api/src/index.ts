export type * from './types';
export type * from './live';
export { ApiClient, ApiError } from './client';
