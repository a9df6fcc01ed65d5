import { Product } from './product';

export const ALWAYS = { all: [] };
export const UNLIMITED = { per: 'none', times: 1, pause_seconds: 0, over_open_dialog: false };

interface Rule {
  id: string;
  counts: { shown: number; clicked: number; dialogs: number };
}

/** Says something in a bubble and in the thread. */
export const message = (text: string, author = 'bot') => ({ type: 'message', author, text });

/** Shows suggests. */
export const show = (...suggest_ids: string[]) => ({ type: 'show_suggests', suggest_ids });

/** Auto-actions and suggests of a project, as its owner makes them. */
export class AutoActions {
  constructor(private readonly product: Product) {}

  async all(): Promise<Rule[]> {
    return (await this.product.api.project<{ items: Rule[] }>('GET', '/auto-actions')).items;
  }

  async counts(id: string): Promise<Rule['counts']> {
    return (await this.all()).find((rule) => rule.id === id)!.counts;
  }

  /** The project has these and no others. */
  async have(...documents: object[]): Promise<string[]> {
    for (const { id } of await this.all()) await this.product.api.project('DELETE', `/auto-actions/${id}`);
    const ids: string[] = [];
    for (const document of documents) {
      const whole = { title: 'Приглашение', enabled: true, starts: 'page', conditions: ALWAYS, ...document };
      ids.push((await this.product.api.project<Rule>('POST', '/auto-actions', whole)).id);
    }
    return ids;
  }

  async suggest(ru: string, target: object, en?: string): Promise<string> {
    return (await this.product.api.project<Rule>('POST', '/suggests', { label: { ru, en }, target })).id;
  }

  /** A scenario that begins with this when a suggest is pressed. */
  async scenario(text: string): Promise<string> {
    const block = { id: 'b1', type: 'message', settings: { text, wait: { expect: 'any' } } };
    const document = { schema: 1, launch: [{ kind: 'suggest', to: 'b1' }], edges: [], blocks: [block] };
    const { api } = this.product;
    const { id } = await api.project<Rule>('POST', '/scenarios', { name: 'Подбор', document });
    await api.project('POST', `/scenarios/${id}/publish`, { revision: 1 });
    return id;
  }
}
