import type { Field } from '@otklik/api';

export const EXTERNAL_ID = 'external_id';
/** The contact's own id, as our export writes it. */
export const CONTACT_ID = 'id';

/** Columns that our export begins with: together they tell its tables from others that call something "id". */
const EXPORTED = [EXTERNAL_ID, CONTACT_ID, 'channel', 'multi_contact_id', 'created_at'];

/** What people call the usual columns, as `plain` leaves it, by the key of the field or the name of a contact. */
const USUAL: Record<string, readonly string[]> = {
  name: [
    ...['имя', 'фио', 'имяифамилия', 'фамилияимя', 'фамилияимяотчество', 'имяклиента', 'клиент', 'контакт'],
    ...[
      'контактноелицо',
      'покупатель',
      'name',
      'fullname',
      'clientname',
      'customername',
      'customer',
      'client',
    ],
  ],
  phone: [
    ...['телефон', 'тел', 'мобильный', 'мобильныйтелефон', 'мобтелефон', 'моб', 'сотовый', 'сотовыйтелефон'],
    ...['номертелефона', 'телефонклиента', 'контактныйтелефон', 'номер', 'phone', 'phonenumber', 'mobile'],
    ...['mobilephone', 'mobilenumber', 'cell', 'cellphone', 'tel', 'telephone'],
  ],
  email: [
    ...['почта', 'емейл', 'имейл', 'эмейл', 'мейл', 'элпочта', 'электроннаяпочта', 'адресэлектроннойпочты'],
    ...['почтаклиента', 'email', 'mail', 'emailaddress', 'emailклиента'],
  ],
  [EXTERNAL_ID]: ['externalid', 'внешнийid', 'внешнийкод', 'идентификатор', 'idклиента', 'кодклиента'],
};

const fold = (text: string) => text.trim().toLowerCase().replaceAll('ё', 'е');
const plain = (text: string) => fold(text).replace(/[^a-zа-я0-9]+/g, '');

/** Columns called as a field is (by key or title) go there, then those called as people usually do; a target is given to one column only. */
export function guessTargets(header: string[], fields: Field[]): string[] {
  const names = header.map(fold);
  const isExport = EXPORTED.every((column) => names.includes(column));
  const targets = names.map(() => '');
  const take = (targetFor: (name: string) => string) =>
    names.forEach((name, place) => {
      const target = targets[place] ? '' : targetFor(name);
      if (target && !targets.includes(target)) targets[place] = target;
    });
  take((name) => targetOf(name, fields, isExport));
  take((name) => usualTarget(plain(name), fields));
  return targets;
}

function targetOf(name: string, fields: Field[], isExport: boolean): string {
  if (name === EXTERNAL_ID) return EXTERNAL_ID;
  if (name === CONTACT_ID && isExport) return CONTACT_ID;
  return fields.find(({ key, title }) => key === name || fold(title) === name)?.key ?? '';
}

function usualTarget(name: string, fields: Field[]): string {
  const target = Object.keys(USUAL).find((key) => USUAL[key]?.includes(name)) ?? '';
  return target === EXTERNAL_ID || fields.some(({ key }) => key === target) ? target : '';
}

/** Whether a target is a field: names of a contact alone say nothing about it. */
export const isField = (target: string) => !['', EXTERNAL_ID, CONTACT_ID].includes(target);

/** The field that two columns give although it holds one value, if there is one. */
export function doubled(targets: string[], fields: Field[]): Field | { title: string } | null {
  const twice = targets.find((target, place) => target !== '' && targets.indexOf(target) !== place);
  if (!twice) return null;
  const field = fields.find(({ key }) => key === twice);
  if (field?.multi) return null;
  return field ?? { title: twice };
}
