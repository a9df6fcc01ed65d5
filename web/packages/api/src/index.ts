export * from './types';
export * from './live';
export { ApiClient, ApiError } from './client';
