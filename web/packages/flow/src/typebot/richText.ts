/** Rich text of a bubble in the marks that our messages know: **bold**, _italic_, `code`, bare addresses. */

import { listIn, recordIn, textIn, type Loose } from './loose';

/** Deeper than anybody writes, and not so deep that reading it fails. */
const DEEPEST = 40;

/** The text of a bubble; older files have HTML or plain text instead of rich text. */
export function bubbleText(content: Loose): string {
  const rich = listIn(content.richText);
  if (rich.length > 0) return tidy(rich.map((node) => ofNode(node, 0)).join('\n'));
  if (textIn(content.plainText).trim()) return tidy(textIn(content.plainText));
  return tidy(ofHtml(textIn(content.html)));
}

function ofNode(value: unknown, depth: number): string {
  const node = recordIn(value);
  if (typeof node.text === 'string') return ofLeaf(node);
  if (depth > DEEPEST) return '';
  const type = textIn(node.type);
  const children = listIn(node.children);
  const inner = (joint: string) => children.map((child) => ofNode(child, depth + 1)).join(joint);
  switch (type) {
    case 'a':
      return ofLink(inner(''), textIn(node.url));
    case 'ul':
      return inner('\n').replace(/^(?=.)/gm, '• ');
    case 'ol':
      return children.map((child, index) => `${index + 1}. ${ofNode(child, depth + 1)}`).join('\n');
    case 'variable':
      // A variable that stands in for a whole paragraph holds rich text of its own.
      return children.length > 0 ? inner('\n') : textIn(node.value);
    case 'code_block':
    case 'blockquote':
      return inner('\n');
    default:
      return inner('');
  }
}

function ofLeaf(leaf: Loose): string {
  const text = textIn(leaf.text);
  if (leaf.code === true) return marked(text, '`');
  if (leaf.bold === true) return marked(text, '**');
  return leaf.italic === true ? marked(text, '_') : text;
}

/** A mark stands at the words, not at the blanks around them, and never around one of its own kind. */
function marked(text: string, mark: string): string {
  const [, before = '', words = '', after = ''] = /^(\s*)([\s\S]*?)(\s*)$/.exec(text) ?? [];
  const isUnmarkable = words === '' || words.includes(mark[0] ?? '') || words.includes('\n');
  return isUnmarkable ? text : before + mark + words + mark + after;
}

const ofLink = (label: string, url: string): string => {
  if (!url || label.trim() === url) return label || url;
  return label.trim() ? `${label} (${url})` : url;
};

const ENTITIES = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['#39', "'"],
  ['nbsp', ' '],
]);

const ofHtml = (html: string): string =>
  html
    .replace(/<\s*br\b[^>]*>|<\/\s*(?:p|div|li|h[1-6])\s*>/gi, '\n')
    .replace(/<[^<>]*>/g, '')
    .replace(/&(#?\w+);/g, (whole, name: string) => ENTITIES.get(name) ?? whole);

const tidy = (text: string): string => text.replace(/\n{3,}/g, '\n\n').trim();
