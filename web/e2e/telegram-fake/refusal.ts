/** An error of the Bot API: status, words, and how long to wait where that is the matter. */
export class Refusal extends Error {
  constructor(
    readonly code: number,
    readonly description: string,
    readonly retryAfter?: number,
  ) {
    super(description);
  }
}

export const badRequest = (words: string) => new Refusal(400, `Bad Request: ${words}`);
export const blocked = () => new Refusal(403, 'Forbidden: bot was blocked by the user');
export const tooMany = (seconds: number) =>
  new Refusal(429, `Too Many Requests: retry after ${seconds}`, seconds);
