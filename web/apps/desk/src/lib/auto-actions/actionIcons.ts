import {
  BellRing,
  Braces,
  MessageSquareText,
  MousePointerClick,
  PanelRight,
  Tag,
  TextCursorInput,
  PenLine,
  Workflow,
} from '@otklik/ui/icons';
import type { ActionType } from './document';

export const actionIcons: Record<ActionType, typeof Tag> = {
  show_suggests: MousePointerClick,
  message: MessageSquareText,
  open_widget: PanelRight,
  show_form: TextCursorInput,
  start_scenario: Workflow,
  set_tag: Tag,
  set_field: PenLine,
  notify: BellRing,
  js_event: Braces,
};
