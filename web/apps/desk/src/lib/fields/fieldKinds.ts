import type { FieldKind } from '@otklik/api';
import {
  AtSign,
  Calendar,
  CalendarClock,
  FileText,
  Hash,
  Link,
  List,
  ListChecks,
  MapPin,
  MessageSquareText,
  Phone,
  Text,
  ToggleLeft,
  Type,
  UserRound,
} from '@otklik/ui/icons';
import { m } from '$lib/paraglide/messages';

export const fieldKinds: { kind: FieldKind; name: () => string; icon: typeof AtSign }[] = [
  { kind: 'text', name: m.kind_text, icon: Type },
  { kind: 'long_text', name: m.kind_long_text, icon: Text },
  { kind: 'number', name: m.kind_number, icon: Hash },
  { kind: 'date', name: m.kind_date, icon: Calendar },
  { kind: 'datetime', name: m.kind_datetime, icon: CalendarClock },
  { kind: 'bool', name: m.kind_bool, icon: ToggleLeft },
  { kind: 'list', name: m.kind_list, icon: List },
  { kind: 'multi_list', name: m.kind_multi_list, icon: ListChecks },
  { kind: 'phone', name: m.kind_phone, icon: Phone },
  { kind: 'email', name: m.kind_email, icon: AtSign },
  { kind: 'link', name: m.kind_link, icon: Link },
  { kind: 'id', name: m.kind_id, icon: FileText },
];

/** Fields that everybody knows have a picture of their own; the rest show their kind. */
const known: Record<string, typeof AtSign> = {
  name: UserRound,
  skype: MessageSquareText,
  customer_id: Hash,
  city: MapPin,
};

export const iconOf = (field: { key: string; kind: FieldKind }) =>
  known[field.key] ?? kindOf(field.kind)?.icon ?? Type;

export const kindOf = (kind: FieldKind) => fieldKinds.find((entry) => entry.kind === kind);

/** Long text, yes/no and lists cannot stand in a rule (rulings.md 31). */
export const canMatch = (kind: FieldKind) => !['long_text', 'bool', 'list', 'multi_list'].includes(kind);
