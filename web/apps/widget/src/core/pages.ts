type Report = (url: string) => void;

/** Tells of page changes in single-page sites. The title is read by the caller a moment later, when it has changed. */
export function watchPages(report: Report): () => void {
  let last = location.href;
  const look = () => {
    if (location.href === last) return;
    last = location.href;
    report(last);
  };

  const navigation = (window as { navigation?: EventTarget }).navigation;
  if (navigation) {
    navigation.addEventListener('currententrychange', look);
    return () => navigation.removeEventListener('currententrychange', look);
  }

  const { pushState, replaceState } = history;
  const wrap = (original: History['pushState']): History['pushState'] =>
    function (this: History, ...args) {
      original.apply(this, args);
      look();
    };
  history.pushState = wrap(pushState);
  history.replaceState = wrap(replaceState);
  window.addEventListener('popstate', look);
  return () => {
    history.pushState = pushState;
    history.replaceState = replaceState;
    window.removeEventListener('popstate', look);
  };
}
