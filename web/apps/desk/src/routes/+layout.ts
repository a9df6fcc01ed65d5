import { startLocale } from '$lib/shared/i18n.svelte';
import { prefs } from '$lib/shared/prefs.svelte';

export const ssr = false;
export const prerender = false;

export function load() {
  startLocale();
  prefs.start();
}
