import { expect, it } from 'vitest';
import { blocksOf } from './markdown';

const text = (words: string) => ({ kind: 'text', text: words });

it('reads what a help page is written in', () => {
  const page =
    '# Fields\n\nA **client** has `phone`,\nand [more](/docs/js).\n\n## How\n\n- one\n  goes on\n- two\n\n1. first\n2. second\n';
  expect(blocksOf(page)).toEqual([
    { kind: 'title', lines: [[text('Fields')]] },
    {
      kind: 'text',
      lines: [
        [
          text('A '),
          { kind: 'bold', text: 'client' },
          text(' has '),
          { kind: 'code', text: 'phone' },
          text(', and '),
          { kind: 'link', text: 'more', href: '/docs/js' },
          text('.'),
        ],
      ],
    },
    { kind: 'heading', lines: [[text('How')]] },
    { kind: 'list', lines: [[text('one goes on')], [text('two')]] },
    { kind: 'steps', lines: [[text('first')], [text('second')]] },
  ]);
});
