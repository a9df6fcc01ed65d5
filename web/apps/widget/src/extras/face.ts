import { currentDevice, MENU_PICTURES } from '@otklik/chat/menu';
import { fits } from '@otklik/site-rules';
import { Pages } from '../core/pages';
import { icon } from '../loader/elements';
import type { Shell } from '../shell';

const PICTURES: Record<string, string> = {
  ...MENU_PICTURES,
  heart: 'M12 20c-4-2.5-9-6.5-9-11a4.8 4.8 0 0 1 9-2 4.8 4.8 0 0 1 9 2c0 4.5-5 8.5-9 11Z',
};

/** Another picture on the launcher. */
export function drawFace({ config, launcher }: Shell) {
  const path = PICTURES[config.appearance.icon ?? 'mark'];
  if (path) launcher.face = () => icon(path);
}

/** Where the launcher is not shown: judged anew on every page of a single-page site. */
export class Places {
  readonly #pages: Pages | undefined;

  constructor(private readonly shell: Shell) {
    const isAsked = shell.config.appearance.hidden?.pages.length;
    if (isAsked) this.#pages = new Pages(({ url }) => this.look(url));
    this.look(location.href);
  }

  look(url: string) {
    const { pages = [], devices = [] } = this.shell.config.appearance.hidden ?? {};
    this.shell.isOut = devices.includes(currentDevice()) || pages.some((pattern) => fits(url, pattern));
    this.shell.render();
  }

  stop() {
    this.#pages?.stop();
  }
}
