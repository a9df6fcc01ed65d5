import type { Message } from '@otklik/api';

/** As many as the server gives at once. */
const AT_ONCE = 200;

/** What an open thread has, and how more of it comes. */
interface Thread {
  id: string;
  messages: Message[];
  hasOlder: boolean;
  loadingOlder: boolean;
  isGone: boolean;
  sought: string | null;
  loadOlder: (limit: number) => Promise<void>;
}

/** Goes to a message of the open conversation, however far above; false when it is not there. */
export async function reach(thread: Thread, seq: number): Promise<boolean> {
  const ours = () => thread.messages.filter((item) => item.conversation_id === thread.id);
  const find = () => ours().find((item) => item.seq === seq);
  // With something older here already, what is not here is gone.
  const isPast = () => ours().some((item) => item.seq < seq);
  while (!find() && thread.hasOlder && !isPast() && !thread.isGone) {
    if (thread.loadingOlder) await new Promise((go) => setTimeout(go, 50));
    else await thread.loadOlder(AT_ONCE);
  }
  thread.sought = find()?.id ?? null;
  return thread.sought !== null || thread.isGone;
}
