import type { Start } from '@otklik/site-rules';
import { currentDevice } from '@otklik/chat/menu';
import { Stopwatch } from './visit';

const TICK_MS = 1000;
const SCROLL_MS = 200;
/** A finger that throws the page back to its top: so many pixels within so long. */
const FLING_PX = 500;
const FLING_MS = 350;
/** How often a person's doings are worth a word. */
const TOUCH_MS = 5_000;

/** What is felt is told. */
export interface Felt {
  start(start: Start): void;
  /** Somebody is there. */
  touched(): void;
  /** The page came into sight, perhaps out of the browser's memory of pages. */
  seen(isRestored: boolean): void;
  /** It went out of sight, looked at for so long. */
  left(seconds: number): void;
}

/** What happens on the page, heard in passing: no listener holds anything up, and no clock ticks unless a rule needs it. */
export class Senses {
  readonly onPage = new Stopwatch();
  /** Since the page came into sight. */
  readonly stretch = new Stopwatch();
  scrollPercent = 0;
  exitIntent = false;
  device = currentDevice();
  #activeAt = performance.now();
  #touchedAt = -Infinity;
  #ticker: ReturnType<typeof setInterval> | undefined;
  #scrolling: ReturnType<typeof setTimeout> | undefined;
  /** Where a throw of the page began. */
  #fling = { at: 0, y: 0 };
  /** How far the page can be scrolled; asked again when its size has changed. */
  #reach: number | null = null;

  constructor(
    private readonly felt: Felt,
    /** Starts that some rule waits for. */
    private readonly wanted: ReadonlySet<Start>,
    private readonly signal: AbortSignal,
  ) {}

  listen() {
    const { signal, wanted } = this;
    const passive = { signal, passive: true, capture: true };
    const active = () => this.#active();
    for (const name of ['pointerdown', 'keydown', 'wheel', 'touchstart'])
      addEventListener(name, active, passive);
    if (wanted.has('idle')) addEventListener('pointermove', active, passive);
    addEventListener('scroll', () => this.#scrolled(), passive);
    document.addEventListener('visibilitychange', () => this.look(), { signal });
    addEventListener('pagehide', () => this.look(false), { signal });
    addEventListener('pageshow', ({ persisted }) => persisted && this.look(true, true), { signal });
    document.documentElement.addEventListener(
      'mouseleave',
      (event) => event.clientY <= 0 && this.#leaves(),
      passive,
    );
    const sizes = new ResizeObserver(() => (this.#reach = null));
    sizes.observe(document.documentElement);
    if (document.body) sizes.observe(document.body);
    signal.addEventListener('abort', () => {
      sizes.disconnect();
      clearInterval(this.#ticker);
      clearTimeout(this.#scrolling);
    });
  }

  get idleSeconds(): number {
    return Math.floor((performance.now() - this.#activeAt) / 1000);
  }

  /** Another page is in view. */
  reset() {
    this.onPage.reset();
    this.scrollPercent = 0;
    this.exitIntent = false;
    this.device = currentDevice();
    this.#reach = null;
    this.#activeAt = performance.now();
  }

  #active() {
    const now = performance.now();
    this.#activeAt = now;
    if (now - this.#touchedAt < TOUCH_MS) return;
    this.#touchedAt = now;
    this.felt.touched();
  }

  /** Whether the page is in sight: clocks run and the page begins, or they stand. */
  look(isVisible = !document.hidden, isRestored = false) {
    clearInterval(this.#ticker);
    if (!isVisible) return this.#leave();
    this.onPage.run();
    this.stretch.run();
    this.felt.seen(isRestored);
    if (!this.wanted.has('time') && !this.wanted.has('idle')) return;
    this.#ticker = setInterval(() => {
      this.felt.start('time');
      if (this.idleSeconds) this.felt.start('idle');
    }, TICK_MS);
  }

  #leave() {
    const { ms } = this.stretch;
    this.onPage.pause();
    this.stretch.pause();
    this.stretch.reset();
    if (ms) this.felt.left(ms / 1000);
  }

  #scrolled() {
    this.#active();
    if (this.wanted.has('exit')) this.#flung();
    this.#scrolling ??= setTimeout(() => {
      this.#scrolling = undefined;
      this.#measure();
    }, SCROLL_MS);
  }

  #measure() {
    this.#reach ??= Math.max(0, document.documentElement.scrollHeight - innerHeight);
    if (!this.#reach) return;
    const percent = Math.min(100, Math.round((scrollY / this.#reach) * 100));
    // How far it was seen; going back changes nothing.
    if (percent <= this.scrollPercent) return;
    this.scrollPercent = percent;
    this.felt.start('scroll');
  }

  #flung() {
    const now = performance.now();
    const y = scrollY;
    const isNew = now - this.#fling.at > FLING_MS || y > this.#fling.y;
    if (isNew) this.#fling = { at: now, y };
    else if (this.#fling.y - y >= FLING_PX && this.device !== 'desktop') {
      this.#fling = { at: now, y };
      this.#leaves();
    }
  }

  #leaves() {
    this.exitIntent = true;
    this.felt.start('exit');
  }
}
