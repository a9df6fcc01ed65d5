/** What the document does with a wrong answer: says so and waits on, or goes on through an exit of its own. */
export type OnIncorrect = 'retry' | 'exit';

interface Words {
  keyword: string;
  question: string;
  time: string;
  onIncorrect: OnIncorrect;
}

/** The example of the source: the phone is asked for, a wrong answer gets the error text, the right one is saved. */
export const phoneFlow = (words: Partial<Words> = {}) => {
  const {
    keyword = 'звонок',
    question = 'Ваш телефон?',
    time = 'Когда позвонить?',
    onIncorrect = 'retry',
  } = words;
  return {
    schema: 1,
    launch: [{ kind: 'keyword', words: [keyword], to: 'b1' }],
    blocks: [
      {
        id: 'b1',
        type: 'condition',
        title: 'Проверка поля',
        pos: [0, 0],
        settings: { branches: [{ id: 'filled', all: [{ field: 'phone', op: 'filled' }] }] },
      },
      {
        id: 'b2',
        type: 'message',
        title: 'Спросить телефон',
        pos: [280, 0],
        settings: {
          text: question,
          wait: {
            expect: 'phone',
            save_to: 'phone',
            on_incorrect: onIncorrect,
            ...(onIncorrect === 'retry' && { error_text: 'Это не номер' }),
          },
        },
      },
      {
        id: 'b3',
        type: 'message',
        title: 'Удобное время',
        pos: [600, 0],
        settings: {
          text: time,
          buttons: [
            { id: 'am', label: 'Утром' },
            { id: 'pm', label: 'Вечером' },
          ],
        },
      },
      { id: 'b4', type: 'message', title: 'Спасибо', pos: [920, 0], settings: { text: 'Записали' } },
      { id: 'b5', type: 'message', title: 'Знакомый', pos: [280, 320], settings: { text: 'Мы вас знаем' } },
      ...(onIncorrect === 'exit'
        ? [
            {
              id: 'b6',
              type: 'message',
              title: 'Без номера',
              pos: [600, 320],
              settings: { text: 'Ответим здесь' },
            },
          ]
        : []),
    ],
    edges: [
      { from: ['b1', 'filled'], to: 'b5' },
      { from: ['b1', 'else'], to: 'b2' },
      { from: ['b2', 'correct'], to: 'b3' },
      { from: ['b3', 'correct'], to: 'b4' },
      ...(onIncorrect === 'exit' ? [{ from: ['b2', 'incorrect'], to: 'b6' }] : []),
    ],
  };
};
