/** The canvas with its library: fetched once, beside the scenario, and not at all where there is only the list. */
export const loadCanvas = () => import('./Canvas.svelte');
