/** "Set variable": values, sums, lists and the moment. Anything that is code becomes a placeholder. */

import { textIn } from './loose';
import { part, type Piece } from './part';
import { inert } from './placeholder';
import type { Scope } from './scope';

const VARIABLE = '\\{\\{[^{}=]+\\}\\}';
const NUMBER = '\\d+(?:\\.\\d+)?';
const ONE_VARIABLE = new RegExp(`^${VARIABLE}$`);
const SUM = new RegExp(`^(${VARIABLE})\\s*([+-])\\s*(${NUMBER}|${VARIABLE})$`);
const SUM_BEHIND = new RegExp(`^(${NUMBER})\\s*\\+\\s*(${VARIABLE})$`);
const LITERAL = /^(["'])((?:(?!\1)[^\\])*)\1$/;
const JOINED = new RegExp(
  `^(?:${VARIABLE}|"[^"\\\\]*"|'[^'\\\\]*')(?:\\s*\\+\\s*(?:${VARIABLE}|"[^"\\\\]*"|'[^'\\\\]*'))+$`,
);
/** Reckoning that ours cannot, and the marks of a program. */
const RECKONING = new RegExp(`^(?=.*${VARIABLE})(?=.*[+*/%-])(?:${VARIABLE}|[\\s\\d.()+*/%-])+$`);
const PROGRAM =
  /\breturn\b|=>|\bnew\s+\w+\(|\b(?:Math|JSON|Date|Object|Array|String|Number)\b\.?\w*\(|\}\}\.\w+|`.*\$\{|&&|\|\||[!=]==/s;

/** Kinds of values that ours have, too. */
const KNOWN = new Map([
  ['Empty', null],
  ['Now', '{{now}}'],
  ['Today', '{{now}}'],
  ['Phone number', '{{phone}}'],
  ['Contact name', '{{name}}'],
]);

export function setVariable(scope: Scope): Piece {
  const { variableId, type, item, isCode, expressionToEvaluate } = scope.block.options;
  const field = scope.key(variableId);
  const kind = textIn(type);
  if (!field) return inert(scope);
  const known = KNOWN.get(kind);
  if (known !== undefined) return [part('set', { field, value: known })];
  if (kind === 'Append value(s)') {
    // Our variables hold texts: one line for each item.
    scope.warn('list_as_text');
    return [part('set', { field, value: `${scope.words(textIn(item))}\n`, op: 'append' })];
  }
  if ((kind && kind !== 'Custom') || isCode === true) return inert(scope);
  return custom(scope, field, textIn(expressionToEvaluate).trim());
}

function custom(scope: Scope, field: string, expression: string): Piece {
  if (expression === '') return [part('set', { field, value: null })];
  if (ONE_VARIABLE.test(expression)) return [part('set', { field, value: scope.text(expression) })];
  const [, first, sign, second] = SUM.exec(expression) ?? turned(SUM_BEHIND.exec(expression));
  if (first && second) return sum(scope, field, first, sign === '-' ? `-${second}` : second);
  const literal = LITERAL.exec(expression);
  if (literal) return [part('set', { field, value: scope.words(literal[2] ?? '') })];
  if (JOINED.test(expression)) return [part('set', { field, value: scope.words(join(expression)) })];
  if (RECKONING.test(expression) || PROGRAM.test(expression)) return inert(scope);
  return [part('set', { field, value: scope.words(expression) })];
}

/** 5 + {{Score}} is {{Score}} + 5. */
const turned = (found: RegExpExecArray | null) => (found ? [found[0], found[2], '+', found[1]] : []);

function sum(scope: Scope, field: string, first: string, second: string): Piece {
  // Two texts would be joined by Typebot; which it is shows only as it runs.
  if (second.includes('{{')) scope.warn('sum_of_variables');
  const add = part('set', { field, value: scope.text(second), op: 'add' });
  const start = scope.text(first);
  if (start === `{{${field}}}`) return [add];
  return [part('set', { field, value: start }, { next: 1 }), add];
}

const join = (expression: string): string =>
  [...expression.matchAll(new RegExp(`${VARIABLE}|"([^"]*)"|'([^']*)'`, 'g'))]
    .map(([whole, double, single]) => double ?? single ?? whole)
    .join('');
