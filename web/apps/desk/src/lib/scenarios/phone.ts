import { MediaQuery } from 'svelte/reactivity';

/** Where there is room for one part of the editor: the one that is open is the main one of the page. */
export const phone = new MediaQuery('max-width: 899px', false);
