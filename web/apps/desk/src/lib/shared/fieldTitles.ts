import type { Field } from '@otklik/api';
import { m } from '$lib/paraglide/messages';

/** The built-in fields as every project gets them: their Russian titles, and what they are called for the reader. */
const BUILT_IN: Record<string, { made: string; say: () => string }> = {
  name: { made: 'Имя', say: m.field_built_in_name },
  phone: { made: 'Мобильный телефон', say: m.field_built_in_phone },
  contract: { made: 'Номер договора', say: m.field_built_in_contract },
  personal_account: { made: 'Лицевой счёт', say: m.field_built_in_personal_account },
  customer_id: { made: 'ID клиента', say: m.field_built_in_customer_id },
};

/** The title of a field in the reader's language, unless the company called it something of its own. */
export function titleOf(field: Pick<Field, 'key' | 'title' | 'built_in'>): string {
  const known = field.built_in ? BUILT_IN[field.key] : undefined;
  return known?.made === field.title ? known.say() : field.title;
}

/** A field as it is shown; what is edited is the title itself. */
export const titled = <F extends Pick<Field, 'key' | 'title' | 'built_in'>>(field: F): F => ({
  ...field,
  title: titleOf(field),
});
