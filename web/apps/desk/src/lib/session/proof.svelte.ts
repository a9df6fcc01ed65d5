import type { SessionBody } from '@otklik/api';
import { api } from '$lib/shared/api';

/** The gravest acts ask for the password once more: one question, whoever waits for its answer. */
class Proof {
  open = $state(false);
  private waiting: ((given: boolean) => void)[] = [];

  /** Begins to answer the server's wish for a password; returns how to end. */
  attend(): () => void {
    api.onProofNeeded = () => this.ask();
    return () => (api.onProofNeeded = null);
  }

  async give(password: string) {
    await api.post<SessionBody>('/session/proof', { password });
    this.end(true);
  }

  /** Thought better of it: what was asked for stays refused. */
  leave() {
    this.end(false);
  }

  private ask(): Promise<boolean> {
    this.open = true;
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  private end(given: boolean) {
    this.open = false;
    this.waiting.splice(0).forEach((resolve) => resolve(given));
  }
}

export const proof = new Proof();
