import type { LiveEvent } from '@otklik/api';

export type EventKind = LiveEvent['kind'];

const CONVERSATION = ['conversation.created', 'conversation.updated', 'conversation.read'] as const;
const CONTACT = ['contact.created', 'contact.updated', 'contact.deleted'] as const;
const THREAD = ['message.created', 'message.updated', 'delivery.updated'] as const;

/** Which events each live thing on the desk follows. Whoever adds a list or a kind of event writes it down here. */
export const follows = {
  inbox: [...CONVERSATION, ...THREAD, ...CONTACT, 'multi_contact.changed', 'settings.updated'],
  folderCounts: [...CONVERSATION, 'message.created'],
  viewCounts: [...CONVERSATION, 'message.created', 'contact.updated', 'settings.updated'],
  thread: [...CONVERSATION, ...THREAD, ...CONTACT, 'multi_contact.changed', 'settings.updated'],
  client: [...CONVERSATION, ...THREAD, ...CONTACT, 'multi_contact.changed', 'settings.updated'],
  suggestions: [...CONTACT, 'multi_contact.changed', 'settings.updated'],
  clients: [...CONTACT, 'multi_contact.changed'],
  imports: ['job.updated'],
  job: ['job.updated'],
  firstSteps: ['message.created', 'settings.updated'],
  directory: ['settings.updated'],
  fields: ['settings.updated'],
  cannedReplies: ['settings.updated'],
  savedViews: ['settings.updated'],
  rules: ['settings.updated'],
  scenarios: ['settings.updated'],
  appearance: ['settings.updated'],
  departments: ['settings.updated'],
  tags: ['settings.updated'],
  routing: ['settings.updated'],
  menuButtons: ['settings.updated'],
  autoActions: ['settings.updated'],
  mailings: ['settings.updated'],
  segments: ['settings.updated'],
  consent: ['contact.updated', 'message.created'],
  testUsers: ['conversation.created', 'message.created', ...CONTACT],
  conflicts: ['multi_contact.changed', 'contact.updated', 'contact.deleted', 'settings.updated'],
  notifications: ['message.created', 'conversation.read'],
  announcements: ['announcement.created', 'announcement.updated'],
  board: [
    'conversation.created',
    'conversation.updated',
    'message.created',
    'contact.deleted',
    'settings.updated',
  ],
  visitors: ['conversation.created', 'conversation.updated', 'contact.updated', 'contact.deleted'],
} as const satisfies Record<string, readonly EventKind[]>;

export type Follower = keyof typeof follows;

type OfKind<Event, Kind> = Event extends { kind: infer Own; data: infer Data }
  ? [Own & Kind] extends [never]
    ? never
    : { kind: Own & Kind; data: Data }
  : never;

/** An event that this follower may hear, with its project. */
export type HeardBy<Name extends Follower> = OfKind<LiveEvent, (typeof follows)[Name][number]> & {
  project_id: string;
};

export function isFollowed<Name extends Follower>(
  name: Name,
  event: LiveEvent & { project_id: string },
): event is HeardBy<Name> {
  const kinds: readonly EventKind[] = follows[name];
  return kinds.includes(event.kind);
}
