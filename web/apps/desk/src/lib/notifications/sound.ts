import { prefs } from '$lib/shared/prefs.svelte';

/** A call and its response: two short notes, made here so that no sound file is loaded. */
const NOTES = [
  { frequency: 660, at: 0 },
  { frequency: 880, at: 0.11 },
];
const NOTE_S = 0.16;
const VOLUME = 0.12;
/** A burst of messages is one event for the ear. */
const PAUSE_MS = 1_500;

let context: AudioContext | null = null;
let lastPlayed = 0;

/** Sounds, unless that is switched off. */
export function play() {
  const now = Date.now();
  if (!prefs.sound || now - lastPlayed < PAUSE_MS) return;
  lastPlayed = now;
  // Made late: a browser lets a page sound only after its user has touched it.
  context ??= new AudioContext();
  for (const { frequency, at } of NOTES) note(context, frequency, context.currentTime + at);
}

function note(audio: AudioContext, frequency: number, start: number) {
  const oscillator = audio.createOscillator();
  const gain = audio.createGain();
  oscillator.frequency.value = frequency;
  gain.gain.setValueAtTime(VOLUME, start);
  gain.gain.exponentialRampToValueAtTime(0.001, start + NOTE_S);
  oscillator.connect(gain).connect(audio.destination);
  oscillator.start(start);
  oscillator.stop(start + NOTE_S);
}
