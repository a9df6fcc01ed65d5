export interface User {
  id: number;
  is_bot: boolean;
  first_name: string;
  last_name?: string;
  username?: string;
}

export interface StoredFile {
  file_id: string;
  path: string;
  name: string;
  mime: string;
  bytes: Uint8Array;
}

export type Update = { update_id: number } & Record<string, unknown>;

/** What happens to a call instead of the ordinary, one call each. */
export type Fault =
  | { kind: 'refuse'; code: number; description: string }
  | { kind: 'fail_after_accept' }
  | { kind: 'reset_after_accept' }
  | { kind: 'stall' };

/** One call of the bot. `outcome` is what the bot could see of it; `accepted` whether Telegram did what was asked. */
export interface LedgerLine {
  method: string;
  params: Record<string, unknown>;
  files: { field: string; name: string; size: number }[];
  accepted: boolean;
  outcome: 'ok' | 'refused' | 'too_many' | 'failed' | 'reset' | 'stalled';
}

/** One attempt to bring an update to the bot's webhook. */
export interface Knock {
  update_id: number;
  attempt: number;
  status: number;
}
