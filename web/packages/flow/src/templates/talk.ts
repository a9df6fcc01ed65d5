import { usualHours } from '../blocks';
import type { FlowDocument } from '../document';
import { Builder } from './build';
import type { Say } from './words';

/** In working hours to an operator; at other times a word about when we are back, and a way to leave a number. */
export function workingHours(say: Say): FlowDocument {
  const flow = new Builder();
  const open = flow.block(
    'condition',
    [0, 0.5],
    { branches: [{ id: 'open', title: say('at_work'), all: [{ test: 'hours', value: usualHours() }] }] },
    say('is_open'),
  );
  const hello = flow.block('message', [1, 0], { text: say('we_work') });
  const away = flow.block(
    'message',
    [1, 1],
    {
      text: say('closed_text'),
      wait: {
        expect: 'phone',
        save_to: 'phone',
        on_incorrect: 'retry',
        error_text: say('phone_wrong'),
        max_attempts: 3,
        timeout: 'PT30M',
      },
    },
    say('closed'),
  );
  const operator = flow.block('transfer', [2, 0], { to: null }, say('to_operator'));
  const thanks = flow.block('message', [2, 1], { text: say('thanks') });
  const end = flow.block('end', [3, 1], {});
  return flow
    .lead(open, { open: hello, else: away })
    .lead(hello, { next: operator })
    .lead(operator, { no_operator: away })
    .lead(away, { correct: thanks, incorrect: end, timeout: end })
    .lead(thanks, { next: end })
    .build([{ kind: 'first_message', to: open }]);
}

/** Five marks; a low one is brought to a person at once. */
export function quality(say: Say): FlowDocument {
  const flow = new Builder();
  const rate = flow.block(
    'message',
    [0, 0.5],
    {
      text: say('rate_text'),
      buttons: [5, 4, 3, 2, 1].map((mark) => ({ id: `m${mark}`, label: String(mark) })),
      wait: { expect: 'choice', save_to: 'quality', timeout: 'P1D' },
    },
    say('rate'),
  );
  const bad = flow.block(
    'condition',
    [1, 0.5],
    { branches: [{ id: 'bad', title: say('bad_mark'), all: [{ field: 'quality', op: 'lt', value: '4' }] }] },
    say('is_bad'),
  );
  const sorry = flow.block('message', [2, 0], { text: say('rate_sorry') });
  const operator = flow.block('transfer', [3, 0], { to: null, note: say('bad_mark') }, say('to_operator'));
  const thanks = flow.block('message', [2, 1], { text: say('rate_thanks') });
  const end = flow.block('end', [3, 1], {});
  return flow
    .lead(rate, { correct: bad, incorrect: operator, timeout: end })
    .lead(bad, { bad: sorry, else: thanks })
    .lead(sorry, { next: operator })
    .lead(operator, { no_operator: end })
    .lead(thanks, { next: end })
    .build([{ kind: 'api', to: rate }]);
}

/** Three questions with answers, round and round, until all is clear or a person is wanted. */
export function faq(say: Say): FlowDocument {
  const flow = new Builder();
  const questions = ['delivery', 'payment', 'return'] as const;
  const menu = flow.block(
    'message',
    [0, 1],
    {
      text: say('faq_text'),
      buttons: [
        ...questions.map((name) => ({ id: name, label: say(`faq_${name}`) })),
        { id: 'person', label: say('to_operator') },
      ],
    },
    say('faq'),
  );
  const answers = questions.map((name, row) =>
    flow.block('message', [1, row], { text: say(`faq_${name}_text`) }, say(`faq_${name}`)),
  );
  const more = flow.block(
    'message',
    [2, 1],
    {
      text: say('faq_more_text'),
      buttons: [
        { id: 'yes', label: say('yes') },
        { id: 'no', label: say('no') },
      ],
    },
    say('faq_more'),
  );
  const thanks = flow.block('message', [3, 1.5], { text: say('thanks') });
  const operator = flow.block(
    'transfer',
    [1, 3],
    { to: null, text: say('to_operator_text') },
    say('to_operator'),
  );
  const end = flow.block('end', [4, 1.5], {});
  questions.forEach((name, index) => {
    const answer = answers[index] as string;
    flow.lead(menu, { [`button:${name}`]: answer }).lead(answer, { next: more });
  });
  return flow
    .lead(menu, { 'button:person': operator, incorrect: operator })
    .lead(more, { 'button:yes': menu, 'button:no': thanks, incorrect: operator })
    .lead(thanks, { next: end })
    .lead(operator, { no_operator: end })
    .build([{ kind: 'first_message', to: menu }]);
}

/** The client says where to, a tag remembers it, and an operator takes over. */
export function handOver(say: Say): FlowDocument {
  const flow = new Builder();
  const departments = ['sales', 'support', 'billing'] as const;
  const choice = flow.block(
    'message',
    [0, 1],
    {
      text: say('choose_department_text'),
      buttons: departments.map((name) => ({ id: name, label: say(name) })),
    },
    say('choose_department'),
  );
  const operator = flow.block(
    'transfer',
    [2, 1],
    { to: null, text: say('to_operator_text') },
    say('to_operator'),
  );
  departments.forEach((name, row) => {
    const tag = flow.block('tag', [1, row], { add: [say(name).toLowerCase()] });
    flow.lead(choice, { [`button:${name}`]: tag }).lead(tag, { next: operator });
  });
  const nobody = flow.block('message', [3, 1], { text: say('nobody_text') }, say('nobody'));
  const end = flow.block('end', [4, 1], {});
  return flow
    .lead(choice, { incorrect: operator })
    .lead(operator, { no_operator: nobody })
    .lead(nobody, { next: end })
    .build([{ kind: 'first_message', to: choice }]);
}
