import { describe, expect, it } from 'vitest';
import { isRead } from './keptAnswers';

describe('what is kept for reading without a network', () => {
  it.each([
    '/api/v1/me',
    '/api/v1/projects/prj_1/conversations?folder=mine&limit=50',
    '/api/v1/projects/prj_1/conversations/cnv_1',
    '/api/v1/projects/prj_1/contacts/con_1/timeline?limit=60',
    '/api/v1/projects/prj_1/users',
    '/api/v1/projects/prj_1/saved-views',
  ])('keeps %s', (path) => expect(isRead(path)).toBe(true));

  it.each([
    '/api/v1/users',
    '/api/v1/sessions',
    '/api/v1/api-keys',
    '/api/v1/audit-log?limit=50',
    '/api/v1/projects/prj_1/contacts/export',
    '/api/v1/projects/prj_1/contacts?search=a',
    '/api/v1/projects/prj_1/search?q=a',
    '/api/v1/projects/prj_1/webhooks',
    '/api/v1/me/second-factor',
  ])('does not keep %s', (path) => expect(isRead(path)).toBe(false));
});
