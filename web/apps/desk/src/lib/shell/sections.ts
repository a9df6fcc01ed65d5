import {
  BadgeCheck,
  ChartColumn,
  CodeXml,
  Gauge,
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
      { key: 'overview', label: m.set_overview(), words: m.find_overview(), icon: LayoutGrid },
      { key: 'install', label: m.set_install(), words: m.find_install(), icon: CodeXml },
      { key: 'appearance', label: m.set_appearance(), words: m.find_appearance(), icon: Palette },
      { key: 'channels', label: m.set_channels(), words: m.find_channels(), icon: Plug },
      { key: 'webhooks', label: m.set_webhooks(), words: m.find_webhooks(), icon: Webhook },
    ],
  },
  {
    title: m.nav_group_clients(),
    entries: [
      { key: 'multi-contacts', label: m.set_multi(), words: m.find_multi(), icon: Link2 },
      { key: 'fields', label: m.set_fields(), words: m.find_fields(), icon: TextCursorInput },
      { key: 'tags', label: m.tags(), words: m.find_tags(), icon: Tags },
    ],
  },
  {
    title: m.nav_group_bots(),
    entries: [
      { key: 'scenarios', label: m.set_scenarios(), words: m.find_scenarios(), icon: Workflow },
      { key: 'auto-actions', label: m.set_auto(), words: m.find_auto(), icon: Zap },
      { key: 'mailings', label: m.set_mailings(), words: m.find_mailings(), icon: Megaphone },
    ],
  },
  {
    title: m.nav_group_reports(),
    entries: [
      { key: 'now', label: m.set_now(), words: m.find_now(), icon: Gauge },
      { key: 'reports', label: m.set_reports(), words: m.find_reports(), icon: ChartColumn },
    ],
  },
  {
    title: m.nav_group_team(),
    entries: [
      { key: 'team', label: m.set_team(), words: m.find_team(), icon: Users },
      { key: 'departments', label: m.set_departments(), words: m.find_departments(), icon: Shapes },
      { key: 'distribution', label: m.set_distribution(), words: m.find_distribution(), icon: Split },
      { key: 'announcements', label: m.set_announcements(), words: m.find_announcements(), icon: Megaphone },
      // What it tells is of the whole account.
      { key: 'licence', label: m.set_licence(), words: m.find_licence(), icon: BadgeCheck },
      ...(session.user.role === 'owner'
        ? [{ key: 'audit', label: m.set_audit(), words: m.find_audit(), icon: ScrollText }]
        : []),
    ],
  },
];
