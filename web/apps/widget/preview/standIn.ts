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
  addEventListener(
    'click',
    (event) => {
      if (event.composedPath().some((node) => node instanceof HTMLAnchorElement)) event.preventDefault();
    },
    true,
  );
}
