import type { Extras, Shell } from '../shell';
import { from, inLine, within } from './reply';
import { chime } from './chime';
import { watchContainer } from './embed';
import { drawFace, Places } from './face';
import { Menu } from './menu';
import css from './menu.css?inline';
import { drawTelegram } from './telegram';

/** What a site may have beside the launcher. */
export function create(shell: Shell): Extras {
  shell.adopt(css);
  const menu = new Menu(shell);
  drawTelegram(shell);
  drawFace(shell);
  const places = new Places(shell);
  const leave = watchContainer(shell);
  return {
    chime,
    reply: (isHere, place) => (place ? inLine(shell, place) : isHere ? within(shell) : from(shell)),
    menu: menu.box,
    homeMenu: () => menu.home(),
    place: (left, top) => place(shell, left, top),
    update: () => menu.draw(),
    look: (url) => places.look(url),
    destroy() {
      menu.stop();
      places.stop();
      leave();
    },
  };
}

function place({ launcher: { frame, bar } }: Shell, left: number, top: number) {
  const { style } = bar;
  // A column of menu buttons goes where there is room for it.
  frame.classList.toggle('left', left >= 0);
  frame.classList.toggle('low', top >= 0);
  style.left = left < 0 ? 'auto' : `${left}px`;
  style.right = left < 0 ? `${-left}px` : 'auto';
  style.top = top < 0 ? 'auto' : `${top}px`;
  style.bottom = top < 0 ? `${-top}px` : 'auto';
}
