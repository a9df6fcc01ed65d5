import type { FlowDocument } from '../document';
import { collectContract, collectPhone } from './ask';
import { faq, handOver, quality, workingHours } from './talk';
import type { Say, TemplateWord } from './words';

export { templateWords, type Say, type TemplateWord } from './words';

/** A field that a template writes to, and that a project may not have yet. */
export interface NeededField {
  key: string;
  kind: 'text' | 'number';
  title: TemplateWord;
}

export interface Template {
  id: 'phone' | 'contract' | 'hours' | 'quality' | 'faq' | 'department';
  /** A name of Lucide. */
  icon: string;
  build: (say: Say) => FlowDocument;
  needs: NeededField[];
}

export const templates: Template[] = [
  { id: 'phone', icon: 'phone', build: collectPhone, needs: [] },
  {
    id: 'contract',
    icon: 'file-text',
    build: collectContract,
    needs: [{ key: 'contract', kind: 'text', title: 'contract' }],
  },
  { id: 'hours', icon: 'clock', build: workingHours, needs: [] },
  {
    id: 'quality',
    icon: 'star',
    build: quality,
    needs: [{ key: 'quality', kind: 'number', title: 'rate_field' }],
  },
  { id: 'faq', icon: 'mouse-pointer-click', build: faq, needs: [] },
  { id: 'department', icon: 'headset', build: handOver, needs: [] },
];
