/** The shapes of docs/API.md, "Visitors on the site". */
import type { Project } from '@otklik/api';

export type WatchedProject = Project & { watch_visitors: boolean; typing_preview: boolean };

export type VisitorStatus = 'browsing' | 'chatting' | 'typing';

export interface SeenPage {
  url: string;
  title: string;
  since: string;
}

/** Somebody with a page of the site open. */
export interface Visitor {
  id: string;
  contact_id: string | null;
  name: string | null;
  handle: string | null;
  status: VisitorStatus;
  /** False for the last seconds after the last page was closed. */
  is_here: boolean;
  since: string;
  page: SeenPage;
  pages: number;
  visits: number;
  referrer: string | null;
  utm: { source?: string; medium?: string; campaign?: string; term?: string; content?: string };
  device: 'desktop' | 'phone' | 'tablet' | null;
  language: string | null;
  typed: string | null;
  conversation: { id: string; operator: { id: string; name: string } | null } | null;
  is_target: boolean;
}

export interface VisitorDetails extends Visitor {
  /** The newest last. */
  path: { url: string; title: string; at: string }[];
  fields: Record<string, string[]>;
  tags: string[];
}

export interface VisitorPage {
  items: Visitor[];
  next_cursor: string | null;
  total: number;
}
