import { describe, expect, it } from 'vitest';
import { tokenize } from '../src';

const kinds = (text: string) => tokenize(text).map((token) => token.kind);

describe('tokenize', () => {
  it('keeps hostile text as text', () => {
    const hostile = [
      '<img src=x onerror=alert(1)>',
      'javascript:alert(1)',
      '<a href="javascript:alert(1)">x</a>',
      'data:text/html,<script>alert(1)</script>',
      '"><svg/onload=alert(1)>',
    ];
    for (const text of hostile) expect(tokenize(text)).toEqual([{ kind: 'text', text }]);
  });

  it('links web addresses without the end of the sentence', () => {
    expect(tokenize('См. https://a.example/b_c_d?x=1.')).toEqual([
      { kind: 'text', text: 'См. ' },
      { kind: 'link', text: 'https://a.example/b_c_d?x=1', href: 'https://a.example/b_c_d?x=1' },
      { kind: 'text', text: '.' },
    ]);
  });

  it('refuses addresses that carry a name and password', () => {
    expect(kinds('https://bank.example@evil.example/')).not.toContain('link');
  });

  it('links e-mail', () => {
    expect(tokenize('a@b.example')[0]).toEqual({
      kind: 'link',
      text: 'a@b.example',
      href: 'mailto:a@b.example',
    });
  });

  it('reads marks at word edges only', () => {
    expect(kinds('*жирный* и _курсив_ и `код`')).toEqual(['bold', 'text', 'italic', 'text', 'code']);
    expect(kinds('2*3*4 snake_case_name')).toEqual(['text']);
  });

  it('turns every line end into one break', () => {
    expect(kinds('a\r\nb\nc')).toEqual(['text', 'break', 'text', 'break', 'text']);
  });

  it('is fast on a long run of marks', () => {
    const started = performance.now();
    tokenize('*a '.repeat(5_000) + '_'.repeat(5_000) + 'www.'.repeat(2_000));
    expect(performance.now() - started).toBeLessThan(1_000);
  });
});
