import { describe, expect, it } from 'vitest';
import { EndingLinks } from '../src/fileLink';

const NOW = 1_800_000_000_000;
const linked = (minutes: number, name: string) => ({
  content: { attachments: [{ url: `/f/${name}?until=${NOW / 1000 + minutes * 60}&mark=m` }] },
});

describe('links to files that end', () => {
  it('are renewed from the newest message on, each once, and before they end', () => {
    const [old, older] = [linked(5, 'old'), linked(-600, 'older')];
    const messages = [older, old, linked(60, 'new'), { content: {} }];
    const links = new EndingLinks();
    expect(links.take(messages, NOW)).toBe(old);
    expect(links.take(messages, NOW)).toBe(older);
    expect(links.take(messages, NOW)).toBeUndefined();
  });

  it('are left alone where they say nothing of an end', () => {
    expect(new EndingLinks().take([{ content: { attachments: [{ url: '/f/a' }] } }], NOW)).toBeUndefined();
  });
});
