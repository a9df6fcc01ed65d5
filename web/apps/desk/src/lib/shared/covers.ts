/** What stands over a page and has the keyboard for itself while it is open. */
type Cover = 'dialog' | 'menu' | 'listbox';

/** bits-ui leaves on the page for a few frames what it closes: keys pressed then are the page's again. */
export const isCoveredBy = (...covers: Cover[]): boolean =>
  covers.some((role) => document.querySelector(`[role="${role}"]:not([data-state="closed"])`) !== null);
