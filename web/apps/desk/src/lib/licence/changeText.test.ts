import { describe, expect, it } from 'vitest';
import { changeText } from './changeText';

describe('what somebody changed in the licence', () => {
  it('has words, and shows as it is what has none yet', () => {
    expect(changeText({ what: 'premium', value: 'off' })).not.toContain('premium');
    expect(changeText({ what: 'seats', value: '0' })).not.toContain('0');
    expect(changeText({ what: 'moon', value: 'full' })).toBe('moon: full');
  });
});
