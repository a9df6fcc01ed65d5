import { offline } from '$lib/shared/offline.svelte';
import { startLocale } from '$lib/shared/i18n.svelte';
import { prefs } from '$lib/shared/prefs.svelte';
import { lendWords } from '$lib/shared/uiWords';

export const ssr = false;
export const prerender = false;

export function load() {
  startLocale();
  lendWords();
  prefs.start();
  offline.start();
}
