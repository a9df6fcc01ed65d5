import type { FlowDocument } from '../document';
import { Builder } from './build';
import type { Say } from './words';

interface Question {
  field: string;
  expect: 'phone' | 'text';
  check: string;
  title: string;
  text: string;
  wrong: string;
  saved: string;
  known: string;
  min?: number;
}

/** A field that is empty is asked for; whoever cannot answer is brought to an operator. */
function ask(question: Question, say: Say): FlowDocument {
  const flow = new Builder();
  const { field, expect, min } = question;
  const check = flow.block(
    'condition',
    [0, 0.5],
    { branches: [{ id: 'filled', all: [{ field, op: 'filled' }] }] },
    question.check,
  );
  const known = flow.block('message', [1, 0], { text: question.known });
  const asked = flow.block(
    'message',
    [1, 1],
    {
      text: question.text,
      wait: {
        expect,
        save_to: field,
        on_incorrect: 'retry',
        error_text: question.wrong,
        max_attempts: 3,
        ...(min && { min }),
      },
    },
    question.title,
  );
  const saved = flow.block('message', [2, 0.6], { text: question.saved });
  const sorry = flow.block('message', [2, 1.6], { text: say('no_luck') });
  const operator = flow.block(
    'transfer',
    [3, 0.8],
    { to: null, note: say('operator_note') },
    say('to_operator'),
  );
  const end = flow.block('end', [4, 0.8], {});
  return flow
    .lead(check, { filled: known, else: asked })
    .lead(known, { next: operator })
    .lead(asked, { correct: saved, incorrect: sorry })
    .lead(saved, { next: operator })
    .lead(sorry, { next: operator })
    .lead(operator, { no_operator: end })
    .build([{ kind: 'first_message', to: check }]);
}

export const collectPhone = (say: Say): FlowDocument =>
  ask(
    {
      field: 'phone',
      expect: 'phone',
      check: say('check_phone'),
      title: say('phone'),
      text: say('ask_phone'),
      wrong: say('phone_wrong'),
      saved: say('phone_saved'),
      known: say('phone_known'),
    },
    say,
  );

export const collectContract = (say: Say): FlowDocument =>
  ask(
    {
      field: 'contract',
      expect: 'text',
      check: say('check_contract'),
      title: say('contract'),
      text: say('ask_contract'),
      wrong: say('contract_wrong'),
      saved: say('contract_saved'),
      known: say('contract_known'),
      min: 4,
    },
    say,
  );
