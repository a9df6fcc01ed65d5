import { startLocale } from '$lib/i18n.svelte';
import { prefs } from '$lib/state/prefs.svelte';

export const ssr = false;
export const prerender = false;

export function load() {
  startLocale();
  prefs.start();
}
