import { describe, expect, it } from 'vitest';
import { hiddenHost, tokenize } from '../src';

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

  it('says in ASCII where a link leads that reads otherwise', () => {
    const hosts: [string, string | undefined][] = [
      ['https://example.com/путь?x=1', undefined],
      ['HTTPS://Example.COM:8080', undefined],
      ['www.example.com', undefined],
      ['https://[::1]/', undefined],
      ['https://\u0430pple.com/login', 'xn--pple-43d.com'],
      ['www.\u0430pple.com', 'www.xn--pple-43d.com'],
      ['https://пример.рф', 'xn--e1afmkfd.xn--p1ai'],
      ['https://exam\u00adple.com', 'example.com'],
      ['https://%65vil.example/', 'evil.example'],
      ['http://0x7f.1/', '127.0.0.1'],
      ['http://\uff45vil.example', 'evil.example'],
      ['https://bank.example\u2044x.evil.example', 'bank.xn--examplex-k03d.evil.example'],
      ['https://bank.example\\.evil.example', undefined],
    ];
    for (const [text, host] of hosts) {
      const links = tokenize(`Вход: ${text} сегодня`).filter((token) => token.kind === 'link');
      expect(
        links.map((link) => link.host),
        text,
      ).toEqual([host]);
    }
  });

  it('says where words lead that stand for an address', () => {
    expect(hiddenHost('Оплатить', 'https://pay.example/1')).toBe('pay.example');
    expect(hiddenHost('pay.example', 'https://evil.example/')).toBe('evil.example');
    expect(hiddenHost('https://pay.example', 'https://pay.example/1')).toBeNull();
    expect(hiddenHost('написать', 'mailto:a@b.example')).toBeNull();
  });

  it('links no mailbox whose letters only fold to ASCII', () => {
    expect(tokenize('a@ban\u212a.example')).toEqual([{ kind: 'text', text: 'a@ban\u212a.example' }]);
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
