import type { Facts, RuleSet, Start } from '@otklik/site-rules';
import type { FormField, MenuButton } from '../contract';

/** What a page is told of auto-actions: `GET /w/v1/rules`. */
export interface SiteRules extends RuleSet {
  suggests: Suggest[];
  operators_online: boolean;
  /** Where the visitor is, where the installation knows. */
  country: string | null;
  /** Of the visitor whose token was sent. */
  visitor: { facts: Facts; shown: { id: string; at: string }[]; open_dialog: boolean } | null;
}

/** A button with words that an auto-action shows. */
export interface Suggest extends Pick<MenuButton, 'id' | 'label'> {
  target: {
    kind: string;
    text?: MenuButton['label'];
    url?: string;
    new_tab?: boolean;
    fields?: FormField[];
  };
}

/** What became of an auto-action: `POST /w/v1/actions`. */
export interface Acting {
  auto_action_id: string;
  kind: 'shown' | 'clicked' | 'dialog';
  start?: Start;
  facts?: Facts;
  visit_since?: string;
}

/** What the server did about it. */
export interface Acted {
  done: boolean;
  contact_id: string | null;
}
