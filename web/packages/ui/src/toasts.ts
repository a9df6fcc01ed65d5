/** A toast lies over the page, not beside a dialog or a drawer: pressing "Undo" there closes nothing. */
export function keepOpenForToasts(event: Event) {
  if (event.target instanceof Element && event.target.closest('[data-sonner-toaster]'))
    event.preventDefault();
}
