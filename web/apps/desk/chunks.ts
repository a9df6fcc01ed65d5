import { fileURLToPath } from 'node:url';

/** What rolldown tells of a module while it makes chunks. */
interface Graph {
  getModuleInfo(id: string): { importedIds: readonly string[]; code: string | null } | null;
}

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** Where the list of conversations and a conversation begin: what operators live in. */
const FIRST = [
  'src/routes/+layout.svelte',
  'src/routes/+layout.ts',
  'src/routes/+error.svelte',
  'src/routes/(app)/+layout.svelte',
  'src/routes/(app)/+layout.ts',
  'src/routes/(app)/(desk)/+layout.svelte',
  'src/routes/(app)/(desk)/inbox/+layout.svelte',
  'src/routes/(app)/(desk)/inbox/+page.svelte',
  'src/routes/(app)/(desk)/inbox/[conversationId]/+page.svelte',
  'src/routes/(app)/(desk)/inbox/[conversationId]/+page.ts',
].map(here);
/** Whoever names one message imports the list of all of them: they are told apart by their names. */
const MESSAGES = here('src/lib/paraglide/messages');
const NAMED = /\bm\.([a-z0-9_]+)/g;

/** Everything that these files import, and what that imports; what is loaded on demand only is none of it. */
function reachable(graph: Graph): Set<string> {
  const found = new Set<string>();
  const open = [...FIRST];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (found.has(id)) continue;
    found.add(id);
    const module = graph.getModuleInfo(id);
    const isList = id.startsWith(`${MESSAGES}.js`) || id.startsWith(`${MESSAGES}/_index.js`);
    if (!isList) open.push(...(module?.importedIds ?? []));
    for (const [, name] of module?.code?.matchAll(NAMED) ?? []) found.add(`${MESSAGES}/${name}.js`);
  }
  return found;
}

/**
 * A file for each module that two pages share would be some 250 requests before the first list is there (84 were too many): what the first page
 * needs is one file, and what several other pages share is another.
 */
export function chunks() {
  let first: Set<string> | null = null;
  const isFirst = (id: string, graph: Graph) => (first ??= reachable(graph)).has(id);
  return {
    groups: [
      { name: (id: string, graph: Graph) => (isFirst(id, graph) ? 'desk' : null), priority: 2 },
      { name: 'pages', minShareCount: 3, maxModuleSize: 40_000, priority: 1 },
    ],
  };
}
