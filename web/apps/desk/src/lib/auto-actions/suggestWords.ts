import type { Suggest } from '@otklik/api';
import { m } from '$lib/paraglide/messages';
import type { SuggestKind } from './suggestDraft';
import type { Names } from './words';

export const suggestKinds: Record<SuggestKind, () => string> = {
  text: m.sug_kind_text,
  scenario: m.sug_kind_scenario,
  link: m.sug_kind_link,
  form: m.sug_kind_form,
};

/** What a press does, in one line. */
export function aboutSuggest({ target }: Suggest, names: Names): string {
  const detail = () => {
    switch (target.kind) {
      case 'scenario':
        return `«${names.scenario(target.scenario_id)}»`;
      case 'text':
        return `«${target.text.ru}»`;
      case 'link':
        return target.url;
      case 'form':
        return target.fields.map(names.field).join(', ');
    }
  };
  return `${suggestKinds[target.kind]()}: ${detail()}`;
}
