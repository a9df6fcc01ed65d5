import { MENU_PICTURES } from '@otklik/chat/menu';
import type { Shell } from '../shell';
import { pillOf } from './pill';

/** Our own button for Telegram, unless the owner has one in the menu. */
export function drawTelegram(shell: Shell) {
  const { telegram, menu_buttons } = shell.config;
  const isInMenu = menu_buttons?.some(({ target }) => target.channel === 'telegram');
  if (!telegram?.url || isInMenu) return;
  const press = () => openTelegram(shell);
  const path = MENU_PICTURES.telegram;
  shell.launcher.bar.prepend(pillOf({ label: 'Telegram', colour: '#0d74ce', path, press }));
}

/** The visitor's own link to the bot of this site. */
export function openTelegram(shell: Shell) {
  // The window is opened in the click itself, or the browser would take it for an advertisement.
  const tab = window.open('about:blank', '_blank');
  if (tab) tab.opener = null;
  void shell
    .withCore((core) => core.telegramUrl())
    .catch(() => shell.config.telegram!.url)
    .then((url) => (tab ?? window).location.replace(url));
}
