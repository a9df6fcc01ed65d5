/** Below it the desk shows a phone; the panel's own border is the same. */
const PHONE_PX = 480;

/** The frame is a device of its own, and nothing in it leads away. */
export function standIn() {
  const isPhone = () => innerWidth < PHONE_PX;
  const ask = window.matchMedia.bind(window);
  window.matchMedia = (query) => {
    if (query !== '(pointer:coarse)') return ask(query);
    return ask(isPhone() ? 'all' : 'not all');
  };
  Object.defineProperty(screen, 'width', { get: () => innerWidth });
  // Whoever edits beside the frame keeps the focus, and sees at once what has been edited.
  Object.defineProperty(navigator, 'userActivation', { value: { isActive: false, hasBeenActive: false } });
  window.requestIdleCallback = (act) => setTimeout(act) as unknown as number;
  window.open = () => ({ location: { replace() {} } }) as unknown as Window;
  addEventListener('click', onClick, true);
}

/** Links lead nowhere. A sandboxed frame sends no form, nor tells of it: the widget is told here. */
function onClick(event: MouseEvent) {
  for (const node of event.composedPath()) {
    if (node instanceof HTMLAnchorElement) return event.preventDefault();
    if (!(node instanceof HTMLButtonElement) || node.type !== 'submit' || !node.form) continue;
    event.preventDefault();
    if (node.form.reportValidity()) node.form.dispatchEvent(new SubmitEvent('submit', { cancelable: true }));
    return;
  }
}
