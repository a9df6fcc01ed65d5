import { m } from '$lib/paraglide/messages';
import { ONCE_A_VISIT, type Document } from './document';

/** A ready auto-action to start from. */
export interface Template {
  key: string;
  title: () => string;
  /** Made with the first suggests of the project, where it shows some. */
  build: (suggests: string[]) => Document;
}

const once = (document: Omit<Document, 'enabled' | 'limits'>): Document => ({
  ...document,
  enabled: true,
  limits: { ...ONCE_A_VISIT },
});

export const TEMPLATES: readonly Template[] = [
  {
    key: 'help',
    title: m.aa_tpl_help,
    build: () =>
      once({
        title: m.aa_tpl_help(),
        starts: 'time',
        conditions: { all: [{ fact: 'seconds_on_page', op: 'at_least', value: 30 }] },
        actions: [{ type: 'message', author: 'operator', text: m.aa_tpl_help_text() }],
      }),
  },
  {
    key: 'prices',
    title: m.aa_tpl_price,
    build: (suggests) =>
      once({
        title: m.aa_tpl_price(),
        starts: 'page',
        conditions: { all: [{ fact: 'page_path', op: 'contains', value: '/price' }] },
        actions: [{ type: 'show_suggests', suggest_ids: suggests.slice(0, 2) }],
      }),
  },
  {
    key: 'leaving',
    title: m.aa_tpl_leave,
    build: () =>
      once({
        title: m.aa_tpl_leave(),
        starts: 'exit',
        conditions: { all: [{ fact: 'exit_intent', op: 'is_true' }] },
        actions: [{ type: 'message', author: 'bot', text: m.aa_tpl_leave_text() }],
      }),
  },
];
