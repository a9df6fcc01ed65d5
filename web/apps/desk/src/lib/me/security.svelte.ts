import type { Answer, Schemas } from '@otklik/api';
import { api } from '$lib/shared/api';
import { Resource } from '$lib/shared/resource.svelte';

export type SessionInfo = Answer<Schemas['SessionInfo']>;
type SecondFactorInfo = Answer<Schemas['SecondFactor']>;
type SecondFactorKey = Answer<Schemas['SecondFactorKey']>;
type RecoveryCodes = Answer<Schemas['RecoveryCodes']>;

const FACTOR = '/me/second-factor';

/** A code of the phone beside the password. */
export class SecondFactor {
  readonly standing = new Resource(() => api.get<SecondFactorInfo>(FACTOR));
  /** The key that waits for the phone's first code. */
  key = $state.raw<SecondFactorKey | null>(null);
  /** Codes for paper: nobody can read them again, so they stay until they are put away. */
  codes = $state.raw<string[] | null>(null);

  async begin() {
    this.key = await api.post<SecondFactorKey>(FACTOR);
  }

  /** Thought better of it: a key that was begun asks for nothing. */
  leave() {
    this.key = null;
  }

  async finish(code: string) {
    this.codes = (await api.post<RecoveryCodes>(`${FACTOR}/confirm`, { code })).recovery_codes;
    this.key = null;
    await this.standing.load();
  }

  async renewCodes() {
    this.codes = (await api.post<RecoveryCodes>('/me/recovery-codes')).recovery_codes;
    await this.standing.load();
  }

  putAway() {
    this.codes = null;
  }

  async switchOff() {
    await api.delete(FACTOR);
    await this.standing.load();
  }
}

/** One's own signed-in browsers. */
export class Sessions {
  readonly list = new Resource(() => api.all<SessionInfo>('/sessions'));

  async end(session: SessionInfo) {
    try {
      await api.delete(`/sessions/${session.id}`);
    } finally {
      await this.list.load();
    }
  }
}
