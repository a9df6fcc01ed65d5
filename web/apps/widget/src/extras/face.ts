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

/** Where the launcher is not shown, judged anew on every page of a single-page site. */
export function watchPlaces(shell: Shell): () => void {
  const { pages = [], devices = [] } = shell.config.appearance.hidden ?? {};
  const look = (url: string) => {
    shell.isOut = devices.includes(currentDevice()) || pages.some((pattern) => fits(url, pattern));
    shell.render();
  };
  const seen = new Pages(({ url }) => look(url));
  look(seen.page.url);
  return seen.stop;
}
