import { describe, expect, it } from 'vitest';
import { deviceText, isPhone } from './device';

const MOZILLA = 'Mozilla/5.0';

describe('a device', () => {
  it.each([
    [
      `${MOZILLA} (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36`,
      'Chrome, Windows',
    ],
    [
      `${MOZILLA} (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0`,
      'Edge, Windows',
    ],
    [`${MOZILLA} (Windows NT 10.0) Chrome/138.0 YaBrowser/25.8 Safari/537.36`, 'Яндекс Браузер, Windows'],
    [
      `${MOZILLA} (iPhone; CPU iPhone OS 18_6 like Mac OS X) Version/18.6 Mobile/15E148 Safari/604.1`,
      'Safari, iPhone',
    ],
    [`${MOZILLA} (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0`, 'Firefox, Linux'],
    [
      `${MOZILLA} (Linux; Android 15) AppleWebKit/537.36 SamsungBrowser/28.0 Chrome/130.0 Mobile Safari/537.36`,
      'Samsung Internet, Android',
    ],
    [`${MOZILLA} (Macintosh; Intel Mac OS X 10_15_7) Version/18.6 Safari/605.1.15`, 'Safari, macOS'],
    ['curl/8.5.0', 'curl/8.5.0'],
    ['', ''],
  ])('%s', (said, text) => expect(deviceText(said)).toBe(text));

  it('is a phone or not', () => {
    expect(isPhone('Mozilla/5.0 (iPhone; CPU iPhone OS 18_6)')).toBe(true);
    expect(isPhone('Mozilla/5.0 (Windows NT 10.0)')).toBe(false);
  });
});
