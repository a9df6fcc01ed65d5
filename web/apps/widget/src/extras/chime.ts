/** Several words at once are heard as one. */
const PAUSE_MS = 1_000;

let context: AudioContext | undefined;
let last = -Infinity;

/** Two soft tones; browsers let a page be heard only after somebody has touched it. */
export function chime() {
  const now = performance.now();
  if (!navigator.userActivation?.hasBeenActive || now - last < PAUSE_MS) return;
  last = now;
  context ??= new AudioContext();
  void context.resume();
  tone(context, 660, 0);
  tone(context, 880, 0.14);
}

function tone(context: AudioContext, pitch: number, delay: number) {
  const from = context.currentTime + delay;
  const source = context.createOscillator();
  const volume = context.createGain();
  source.frequency.value = pitch;
  volume.gain.setValueAtTime(0, from);
  volume.gain.linearRampToValueAtTime(0.06, from + 0.02);
  volume.gain.exponentialRampToValueAtTime(0.0001, from + 0.4);
  source.connect(volume).connect(context.destination);
  source.start(from);
  source.stop(from + 0.42);
}
