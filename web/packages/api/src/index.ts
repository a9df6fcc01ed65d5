export * from './types';
export * from './multiContacts';
export * from './live';
export { ApiClient, ApiError } from './client';
