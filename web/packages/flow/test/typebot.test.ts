import { describe, expect, it } from 'vitest';
import { become, flow, say, take, waysOf } from './typebotFile';

const choice = (...items: object[]) => ({ type: 'choice input', items });
const options = (type: string, values: object = {}) => ({ type, options: values });

describe('bubbles', () => {
  it('takes rich text over with our marks and variables', () => {
    const richText = [
      {
        type: 'p',
        children: [{ text: 'Hi, ' }, { text: '{{Name}} ', bold: true }, { text: 'there', italic: true }],
      },
      { type: 'p', children: [{ type: 'a', url: 'https://a.example', children: [{ text: 'page' }] }] },
      { type: 'ul', children: [{ type: 'li', children: [{ type: 'lic', children: [{ text: 'one' }] }] }] },
    ];
    const { blocks } = become({ type: 'text', content: { richText } });
    expect(blocks.at(-1)?.settings).toEqual({
      text: 'Hi, **{{var.name}}** _there_\npage (https://a.example)\n• one',
    });
  });

  it.each([
    [
      'image',
      { url: 'https://a.example/1.png', clickLink: { url: 'https://b.example' } },
      'https://a.example/1.png\nhttps://b.example',
    ],
    ['video', { type: 'youtube', id: 'abc' }, 'https://youtu.be/abc'],
    ['audio', { url: 'https://a.example/1.mp3' }, 'https://a.example/1.mp3'],
    ['embed', { url: 'https://a.example/?n={{Name}}' }, 'https://a.example/?n={{var.name}}'],
  ])('says the address of %s', (type, content, text) => {
    const { blocks } = become({ type, content });
    expect(blocks.at(-1)).toEqual({ type: 'message', settings: { text } });
  });

  it('leads past a bubble without words', () => {
    const { document, warnings } = take(flow(say('a'), { id: 'x', type: 'text' }, say('b')));
    expect(waysOf(document, 'b1')).toEqual({ next: 'b' });
    expect(warnings.map(({ code }) => code)).toContain('empty_bubble');
  });
});

describe('inputs', () => {
  it.each([
    ['text input', {}, { expect: 'text' }],
    ['number input', { min: 1, max: '9' }, { expect: 'number', min: 1, max: 9 }],
    ['email input', {}, { expect: 'email' }],
    ['phone number input', {}, { expect: 'phone' }],
    ['date input', {}, { expect: 'date' }],
    ['file input', {}, { expect: 'file' }],
  ])('asks with the bubble above: %s', (type, values, wait) => {
    const { blocks, ways, codes } = become(
      options(type, { ...values, variableId: 'v1', retryMessageContent: 'No, {{Name}}' }),
    );
    expect(blocks).toEqual([
      {
        type: 'message',
        settings: {
          text: '?',
          wait: { ...wait, save_to: 'var.name', on_incorrect: 'retry', error_text: 'No, {{var.name}}' },
        },
      },
    ]);
    expect(ways).toEqual([{ correct: 'end', incorrect: 'itself' }]);
    expect(codes).toEqual([]);
  });

  it.each([
    ['url input', ['example.com', 'https://example.com/a?b=c'], ['example', 'a b.com', 'a@b.com']],
    ['time input', ['9:05', '23:59'], ['24:00', '9:60', 'noon']],
  ])('knows a right %s', (type, right, wrong) => {
    const [block] = become(options(type)).blocks;
    const { pattern } = (block?.settings as { wait: { pattern: string } }).wait;
    // The server matches the whole text.
    const whole = new RegExp(`^(?:${pattern.replace('(?i)', '')})$`, 'i');
    expect(right.filter((one) => !whole.test(one))).toEqual([]);
    expect(wrong.filter((one) => whole.test(one))).toEqual([]);
  });

  it('asks for a text where an answer would be no day', () => {
    const { blocks, codes } = become(options('date input', { isRange: true }));
    expect(blocks[0]?.settings).toEqual({ text: '?', wait: { expect: 'text' } });
    expect(codes).toEqual(['date_as_text']);
  });

  it('lets a file be skipped where Typebot does', () => {
    const { blocks } = become(options('file input', { isRequired: false, labels: { skip: 'Later' } }));
    expect(blocks[0]?.settings).toMatchObject({ buttons: [{ id: 'skip', label: 'Later' }] });
  });

  it('makes marks buttons, and many of them a number', () => {
    const few = become(
      options('rating input', { length: 3, startsAt: 1, labels: { left: 'bad', right: 'good' } }),
    );
    expect(few.blocks[0]?.settings).toMatchObject({
      text: '?\n1 — bad, 3 — good',
      buttons: [{ label: '1' }, { label: '2' }, { label: '3' }],
      wait: { expect: 'choice' },
    });
    const many = become(options('rating input', { length: 100, startsAt: 1 }));
    expect(many.blocks[0]?.settings).toEqual({ text: '?', wait: { expect: 'number', min: 1, max: 100 } });
  });

  it('keeps a question without a bubble empty, or takes the words of its field', () => {
    const { document, warnings } = take(flow({ id: 'x', type: 'text input' }));
    expect(document.blocks[0]?.settings).toEqual({ text: '', wait: { expect: 'text' } });
    expect(warnings).toContainEqual({ code: 'empty_question', group: 'Main', block: 'b1' });
    const labelled = take(
      flow({ id: 'x', type: 'text input', options: { labels: { placeholder: 'Name' } } }),
    );
    expect(labelled.document.blocks[0]?.settings).toMatchObject({ text: 'Name' });
  });
});

describe('choices', () => {
  it('leads each button where its item leads, and the others on', () => {
    const { blocks, ways, codes } = become(
      choice({ id: 'i1', content: 'Yes', outgoingEdgeId: 'e2' }, { id: 'i2', content: 'No' }),
    );
    expect(blocks).toEqual([
      {
        type: 'message',
        settings: {
          text: '?',
          buttons: [
            { id: 'k1', label: 'Yes' },
            { id: 'k2', label: 'No' },
          ],
          wait: { expect: 'choice' },
        },
      },
    ]);
    expect(ways).toEqual([{ 'button:k1': 'yes', correct: 'end', incorrect: 'itself' }]);
    expect(codes).toEqual([]);
  });

  it('leads nowhere else where every button has a way of its own', () => {
    const { ways } = become(choice({ id: 'i1', content: 'Yes', outgoingEdgeId: 'e2' }));
    expect(ways).toEqual([{ 'button:k1': 'yes', incorrect: 'itself' }]);
  });

  it('makes a choice of several a numbered list', () => {
    const { blocks, codes } = become({
      ...choice({ content: 'A' }, { content: 'B' }),
      options: { isMultipleChoice: true, variableId: 'v3' },
    });
    expect(blocks[0]?.settings).toEqual({
      text: '?\n1. A\n2. B',
      wait: { expect: 'text', save_to: 'var.список' },
    });
    expect(codes).toEqual(['multiple_choice']);
  });

  it('says what buttons lose', () => {
    const item = {
      content: '{{Name}}',
      value: '7',
      displayCondition: { isEnabled: true },
    };
    const { codes } = become({ ...choice(item, { content: ' ' }), options: { dynamicVariableId: 'v3' } });
    expect(new Set(codes)).toEqual(
      new Set(['hidden_buttons', 'button_values', 'dynamic_buttons', 'button_without_text']),
    );
  });

  it('waits for any text where there is nothing to choose from', () => {
    const { blocks, codes } = become({ ...choice(), options: { dynamicVariableId: 'v3' } });
    expect(blocks[0]?.settings).toEqual({ text: '?', wait: { expect: 'text' } });
    expect(codes).toEqual(['dynamic_buttons', 'no_buttons']);
  });

  it('takes pictures and cards over with what is said of them', () => {
    const picture = { title: 'Lamp', description: 'Bright', pictureSrc: 'https://a.example/l.png' };
    expect(become({ type: 'picture choice input', items: [picture] }).blocks[0]?.settings).toMatchObject({
      text: '?\nLamp: Bright https://a.example/l.png',
      buttons: [{ label: 'Lamp' }],
    });
    const cards = become({
      type: 'cards',
      items: [
        { title: 'A', paths: [{ id: 'p1', text: 'Buy', outgoingEdgeId: 'e2' }] },
        { title: 'B', paths: [{ id: 'p2', text: 'Buy', outgoingEdgeId: 'e3' }] },
      ],
    });
    expect(cards.blocks[0]?.settings).toMatchObject({ buttons: [{ label: 'A: Buy' }, { label: 'B: Buy' }] });
    expect(cards.ways).toEqual([{ 'button:k1': 'yes', 'button:k2': 'no', incorrect: 'itself' }]);
  });
});

describe('variables', () => {
  const set = (values: object) => become(options('Set variable', { variableId: 'v2', ...values }));
  const own = (values: object) => set(values).blocks.filter(({ type }) => type === 'set');
  const written = (value: string | null, op?: string) => [
    { type: 'set', settings: { field: 'var.lead_score', value, ...(op && { op }) } },
  ];

  it.each([
    ['0', '0'],
    ['Promoter', 'Promoter'],
    ['"quoted"', 'quoted'],
    ['{{Name}}', '{{var.name}}'],
    ['https://a.example/{{Name}}/x', 'https://a.example/{{var.name}}/x'],
    ['"Dear " + {{Name}}', 'Dear {{var.name}}'],
    ['', null],
  ])('writes %s', (expression, value) =>
    expect(own({ expressionToEvaluate: expression })).toEqual(written(value)),
  );

  it.each([
    ['{{Lead score}} + 5', '5'],
    ['5 + {{Lead score}}', '5'],
    ['{{Lead score}} - 2.5', '-2.5'],
    ['{{Lead score}}+{{Name}}', '{{var.name}}'],
  ])('adds: %s', (expression, value) =>
    expect(own({ expressionToEvaluate: expression })).toEqual(written(value, 'add')),
  );

  it('adds to another variable in two steps', () => {
    const { blocks, ways } = set({ expressionToEvaluate: '{{Name}} + 1' });
    expect(blocks.slice(-2)).toEqual([...written('{{var.name}}'), ...written('1', 'add')]);
    expect(ways.slice(-2)).toEqual([{ next: 'set' }, { next: 'end' }]);
  });

  it.each([
    ['Empty', null, undefined],
    ['Now', '{{now}}', undefined],
    ['Append value(s)', '{{var.name}}\n', 'append'],
  ])('knows %s', (type, value, op) => expect(own({ type, item: '{{Name}}' })).toEqual(written(value, op)));

  it.each([
    { type: 'Transcript' },
    { type: 'Map item with same index' },
    { type: 'Random ID' },
    { isCode: true, expressionToEvaluate: 'return 1' },
    { expressionToEvaluate: '{{Lead score}} * 2' },
    { expressionToEvaluate: '{{Name}}.toUpperCase()' },
    { expressionToEvaluate: 'Math.random()' },
  ])('makes code a placeholder: %o', (values) =>
    expect(set(values).placeholders).toEqual([['Set variable', false]]),
  );
});

describe('logic', () => {
  it.each([
    ['jump', options('Jump', { groupId: 'g2' }), { type: 'jump', settings: { target: 'yes' } }],
    [
      'jump to a block',
      options('Jump', { groupId: 'g2', blockId: 'say more' }),
      { type: 'jump', settings: { target: 'more' } },
    ],
    [
      'link to a group',
      options('Typebot link', { typebotId: 'current', groupId: 'g3' }),
      { type: 'jump', settings: { target: 'no' } },
    ],
    [
      'link to itself',
      options('Typebot link', { typebotId: 'current' }),
      { type: 'jump', settings: { target: '?' } },
    ],
    [
      'link to another flow',
      options('Typebot link', { typebotId: 'other' }),
      { type: 'call', settings: { scenario: '' } },
    ],
    ['return', options('Return'), { type: 'end', settings: {} }],
    ['wait', options('Wait', { secondsToWaitFor: '1.5' }), { type: 'delay', settings: { for: 'PT2S' } }],
    [
      'redirect',
      options('Redirect', { url: 'https://a.example/{{Name}}' }),
      { type: 'message', settings: { text: 'https://a.example/{{var.name}}' } },
    ],
  ])('%s', (_, block, made) => {
    const { document } = take(flow(say('?'), { id: 'x', ...block }, say('end')));
    const { type, settings } = document.blocks[1] as (typeof document.blocks)[number];
    const target = document.blocks.find(({ id }) => 'target' in settings && id === settings.target);
    const shown = target?.type === 'message' ? { target: target.settings.text } : settings;
    expect({ type, settings: shown }).toEqual(made);
  });

  it('splits by percent', () => {
    const { blocks, ways } = become({
      type: 'AB test',
      options: { aPercent: 30 },
      items: [
        { id: 'a', path: 'a', outgoingEdgeId: 'e2' },
        { id: 'b', path: 'b' },
      ],
    });
    expect(blocks.at(-1)?.settings).toEqual({
      variants: [
        { id: 'a', percent: 30 },
        { id: 'b', percent: 70 },
      ],
    });
    expect(ways.at(-1)).toEqual({ a: 'yes', b: 'end' });
  });
});

describe('the world outside', () => {
  it('takes a request over with its answer', () => {
    const { blocks, ways, codes } = become(
      options('Webhook', {
        webhook: {
          method: 'PUT',
          url: 'https://a.example/x',
          queryParams: [{ key: 'q', value: 'a b{{Name}}' }],
          headers: [{ key: 'X-Key', value: '{{Name}}' }, { value: 'nobody' }],
          body: '{"n": "{{Name}}"}',
        },
        isCustomBody: true,
        timeout: 20,
        responseVariableMapping: [
          { variableId: 'v1', bodyPath: 'data.items[0].name' },
          { variableId: 'v2', bodyPath: 'data.items.map(one => one.id)' },
        ],
      }),
    );
    expect(blocks.at(-1)).toEqual({
      type: 'http',
      settings: {
        request: '',
        method: 'PUT',
        url: 'https://a.example/x?q=a%20b{{var.name}}',
        headers: { 'X-Key': '{{var.name}}' },
        body: '{"n": "{{var.name}}"}',
        timeout: 'PT20S',
        retries: 0,
        save: { 'var.name': 'items.0.name' },
      },
    });
    expect(ways.at(-1)).toEqual({ success: 'end', error: 'end' });
    expect(codes).toEqual(['answer_path']);
  });

  it('sends every answer where no body is written', () => {
    const { blocks } = become(options('Zapier', { webhook: { url: 'https://a.example' } }));
    const { body } = blocks.at(-1)?.settings as { body: string };
    expect(JSON.parse(body)).toEqual({
      Name: '{{var.name}}',
      'Lead score': '{{var.lead_score}}',
      Список: '{{var.список}}',
    });
  });

  it.each([
    ['Google Sheets', 'http'],
    ['Make.com', 'http'],
    ['webhook', 'external'],
  ])('holds the place of %s until it has an address', (type, ours) => {
    const { blocks, placeholders } = become(options(type));
    expect(blocks.at(-1)).toMatchObject({ type: ours, settings: { url: '' } });
    expect(placeholders).toEqual([[type, true]]);
  });

  it.each(['https://{{Name}}.example/x', 'https://a{{Name}}/x', 'a.example', 'https:///x', 'https://a b/'])(
    'asks for another address where the server would not take it: %s',
    (url) =>
      expect(become(options('Webhook', { webhook: { url } })).placeholders).toEqual([['Webhook', true]]),
  );

  it('takes an address with values behind its host', () => {
    const webhook = { url: 'https://a.example:8080/{{Lead score}}?q={{Name}}' };
    const { blocks, placeholders } = become(options('Webhook', { webhook }));
    expect(blocks.at(-1)?.settings).toMatchObject({
      url: 'https://a.example:8080/{{var.lead_score}}?q={{var.name}}',
    });
    expect(placeholders).toEqual([]);
  });

  it('tells the team by mail', () => {
    const { blocks, codes } = become(
      options('Email', {
        recipients: ['a@b.example', '{{Name}}@b.example', 'nobody'],
        subject: 'New',
        body: 'Hi {{Name}}',
        isCustomBody: true,
      }),
    );
    expect(blocks.at(-1)).toEqual({
      type: 'notify',
      settings: { text: 'New\n\nHi {{var.name}}', emails: ['a@b.example'] },
    });
    expect(codes).toEqual(['email_to_staff']);
    const answers = become(options('Email', { subject: 'New' })).blocks.at(-1)?.settings;
    expect(answers).toEqual({
      text: 'New\nName: {{var.name}}\nLead score: {{var.lead_score}}\nСписок: {{var.список}}',
    });
  });

  it.each(['Code', 'payment input', 'openai', 'mistral', 'Pixel', 'constructor', ''])(
    'puts a block that does nothing in the place of «%s»',
    (type) => {
      const { blocks, ways, placeholders } = become(options(type));
      const settings = { field: 'var.typebot_block', value: type || '?' };
      expect(blocks.at(-1)).toEqual({ type: 'set', settings });
      expect(ways.at(-1)).toEqual({ next: 'end' });
      expect(placeholders).toEqual([[type || '?', false]]);
    },
  );
});
