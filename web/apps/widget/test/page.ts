import { vi } from 'vitest';

/** As much of a page as the core asks for. */
const page = new EventTarget();
vi.stubGlobal('window', page);
vi.stubGlobal('addEventListener', page.addEventListener.bind(page));
vi.stubGlobal('location', { href: 'https://shop.example/' });
vi.stubGlobal('history', { pushState() {}, replaceState() {} });
Object.assign(page, { history });
vi.stubGlobal(
  'document',
  Object.assign(new EventTarget(), {
    title: 'Shop',
    referrer: '',
    hidden: false,
    documentElement: { lang: 'ru' },
  }),
);
