/** One ticking "now" for waiting timers and relative times. */
class Clock {
  now = $state(Date.now());

  constructor() {
    setInterval(() => (this.now = Date.now()), 20_000);
  }
}

export const clock = new Clock();
