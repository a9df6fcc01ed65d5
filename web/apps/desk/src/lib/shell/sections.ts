import {
  BadgeCheck,
  CodeXml,
  LayoutGrid,
  Link2,
  Megaphone,
  Palette,
  Plug,
  ScrollText,
  Shapes,
  Split,
  Tags,
  TextCursorInput,
  Users,
  Webhook,
  Workflow,
  Zap,
} from '@otklik/ui/icons';
import { m } from '$lib/paraglide/messages';
import { session } from '$lib/session/session.svelte';

/** The settings of a project, as its navigation and the palette list them. */
export const settingsSections = () => [
  {
    title: m.nav_group_site(),
    entries: [
      { key: 'overview', label: m.set_overview(), icon: LayoutGrid },
      { key: 'install', label: m.set_install(), icon: CodeXml },
      { key: 'appearance', label: m.set_appearance(), icon: Palette },
      { key: 'channels', label: m.set_channels(), icon: Plug },
      { key: 'webhooks', label: m.set_webhooks(), icon: Webhook },
    ],
  },
  {
    title: m.nav_group_clients(),
    entries: [
      { key: 'multi-contacts', label: m.set_multi(), icon: Link2 },
      { key: 'fields', label: m.set_fields(), icon: TextCursorInput },
      { key: 'tags', label: m.tags(), icon: Tags },
    ],
  },
  {
    title: m.nav_group_bots(),
    entries: [
      { key: 'scenarios', label: m.set_scenarios(), icon: Workflow },
      { key: 'auto-actions', label: m.set_auto(), icon: Zap },
      { key: 'mailings', label: m.set_mailings(), icon: Megaphone },
    ],
  },
  {
    title: m.nav_group_team(),
    entries: [
      { key: 'team', label: m.set_team(), icon: Users },
      { key: 'departments', label: m.set_departments(), icon: Shapes },
      { key: 'distribution', label: m.set_distribution(), icon: Split },
      { key: 'announcements', label: m.set_announcements(), icon: Megaphone },
      // What it tells is of the whole account.
      { key: 'licence', label: m.set_licence(), icon: BadgeCheck },
      ...(session.user.role === 'owner' ? [{ key: 'audit', label: m.set_audit(), icon: ScrollText }] : []),
    ],
  },
];
