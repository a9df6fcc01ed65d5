import type { Answer, Schemas } from '@otklik/api';
import type { FlowDocument } from '@otklik/flow';

/** What the server says of scenarios; their documents are known here better than there. */

type Held<Name extends keyof Schemas> = Omit<Answer<Schemas[Name]>, 'document'>;

export type Scenario = Held<'Scenario'>;
export type Draft = Omit<Held<'ScenarioDraft'>, 'problems'> & { document: FlowDocument; problems: Problem[] };
export type Version = Held<'ScenarioVersion'>;
export type Published = Version & { document: FlowDocument };

/** Its block, exit and setting are left out where it has none. */
export type Problem = Omit<Schemas['ScenarioProblem'], 'level'> & { level: 'error' | 'warning' };
