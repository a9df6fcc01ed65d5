import type { Message } from '@otklik/api';
import type { Reviser } from './revise';

/** What the menu of a message offers. */
export interface Acts {
  by: Reviser;
  canAnswer: (message: Message) => boolean;
  onanswer: (message: Message) => void;
  onedit: (message: Message) => void;
  ondelete: (message: Message) => void;
  onseek: (message: Message) => void;
}
