import type { NewSuggest, Suggest } from '@otklik/api';

type Target = NewSuggest['target'];
export type SuggestKind = Target['kind'];

/** A suggest as its form holds it: what was written for one kind is kept while another one is looked at. */
export interface SuggestDraft {
  kind: SuggestKind;
  scenario: string;
  textRu: string;
  textEn: string;
  url: string;
  newTab: boolean;
  fields: string[];
  ru: string;
  en: string;
}

const NEW: SuggestDraft = {
  kind: 'text',
  scenario: '',
  textRu: '',
  textEn: '',
  url: '',
  newTab: true,
  fields: ['phone'],
  ru: '',
  en: '',
};

/** The form of a suggest, or of a new one. */
export function suggestDraftOf(suggest: Suggest | null): SuggestDraft {
  if (!suggest) return { ...NEW, fields: [...NEW.fields] };
  const { label, target } = suggest;
  return { ...NEW, ...targetDraft(target), kind: target.kind, ru: label.ru, en: label.en ?? '' };
}

function targetDraft(target: Target): Partial<SuggestDraft> {
  switch (target.kind) {
    case 'scenario':
      return { scenario: target.scenario_id };
    case 'text':
      return { textRu: target.text.ru, textEn: target.text.en ?? '' };
    case 'link':
      return { url: target.url, newTab: target.new_tab ?? true };
    case 'form':
      return { fields: target.fields };
  }
}

/** What is sent. */
export function suggestBody(draft: SuggestDraft): NewSuggest {
  return { label: { ru: draft.ru.trim(), en: draft.en.trim() || null }, target: targetOf(draft) };
}

function targetOf({ kind, scenario, textRu, textEn, url, newTab, fields }: SuggestDraft): Target {
  switch (kind) {
    case 'scenario':
      return { kind, scenario_id: scenario };
    case 'text':
      return { kind, text: { ru: textRu.trim(), en: textEn.trim() || null } };
    case 'link':
      return { kind, url: url.trim(), new_tab: newTab };
    case 'form':
      return { kind, fields };
  }
}
