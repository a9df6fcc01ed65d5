type Report = (url: string) => void;

interface Page {
  url: string;
  title: string;
}

/** Which page the visitor is on, told anew when a single-page site changes it. */
export class Pages {
  page: Page = { url: location.href, title: document.title };
  readonly stop: () => void;

  constructor(private readonly tell: (page: Page) => void) {
    // Frameworks set the title after the address.
    this.stop = watchPages((url) => void setTimeout(() => this.set(url), 50));
  }

  set(url = location.href, title = document.title) {
    this.page = { url, title };
    this.tell(this.page);
  }
}

function watchPages(report: Report): () => void {
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
