import type { FlowDocument } from '@otklik/flow';

/** What the server says of scenarios. */

export interface Scenario {
  id: string;
  name: string;
  /** The published version; null while there is none. */
  version: number | null;
  /** Of the draft. */
  revision: number;
  errors: number;
  warnings: number;
  active_runs: number;
  updated_at: string;
  published_at: string | null;
  /** False while the draft says what is published. An older server does not tell. */
  changed?: boolean;
}

export interface Problem {
  level: 'error' | 'warning';
  code: string;
  block?: string | null;
  exit?: string | null;
  setting?: string | null;
  message: string;
}

/** Who saved or published: a name, or the id of somebody of the project. */
export type Who = string | { id: string; name: string } | null;

export interface Draft {
  document: FlowDocument;
  revision: number;
  problems: Problem[];
  saved_at: string;
  saved_by: Who;
}

export interface Version {
  version: number;
  published_at: string;
  published_by: Who;
  blocks: number;
}

export interface Published extends Pick<Version, 'version'> {
  document: FlowDocument;
}
