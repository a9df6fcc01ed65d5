import { Link2, MessageCircle, Text, Users } from '@otklik/ui/icons';
import { m } from '$lib/paraglide/messages';
import type { Kind } from './contract';

/** What kinds of hits are called. */
export const kindName = (kind: Kind) =>
  ({
    contact: m.search_contacts,
    group: m.search_groups,
    conversation: m.search_conversations,
    message: m.search_messages,
  })[kind]();

/** What a hit is shown with. */
export const KIND_ICONS = { contact: Users, group: Link2, conversation: MessageCircle, message: Text };
