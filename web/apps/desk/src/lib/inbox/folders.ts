import type { Folder } from '@otklik/api';
import { m } from '$lib/paraglide/messages';

export const folderNames: Record<Folder, () => string> = {
  mine: m.folder_mine,
  new: m.folder_new,
  open: m.folder_open,
  bot: m.folder_bot,
  mentions: m.folder_mentions,
  snoozed: m.folder_snoozed,
  closed: m.folder_closed,
  all: m.folder_all,
};
