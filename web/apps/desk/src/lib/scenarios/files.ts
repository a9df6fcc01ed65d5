import type { FlowDocument } from '@otklik/flow';
import { handOver } from '$lib/shared/download';

/** Hands a document to the person as a file. */
export function exportFile(name: string, document: FlowDocument) {
  const text = JSON.stringify({ ...document, name }, null, 2);
  handOver(new Blob([text], { type: 'application/json' }), `${name}.json`);
}
