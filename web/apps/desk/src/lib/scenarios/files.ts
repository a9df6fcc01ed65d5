import type { FlowDocument } from '@otklik/flow';

/** Hands a document to the person as a file. */
export function exportFile(name: string, document: FlowDocument) {
  const text = JSON.stringify({ ...document, name }, null, 2);
  const address = URL.createObjectURL(new Blob([text], { type: 'application/json' }));
  const link = window.document.createElement('a');
  link.href = address;
  link.download = `${name.replace(/[\\/:*?"<>|]+/g, ' ').trim() || 'scenario'}.json`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
