import { Control } from '../telegram-fake/control';
import type { TelegramFake } from '../telegram-fake/server';
import { phoneFlow } from './phone-flow';
import type { Product } from './product';
import { until } from './wait';

interface Made {
  scenario: string;
  /** The second of the two bots. */
  secondBot: string;
}

/**
 * A scenario with seven runs behind it, one of them over a second bot. Of those asked for the phone two answer, one errs,
 * two wait, and two have left: one began anew, another got an operator.
 */
export async function phoneRuns(product: Product, fake: TelegramFake, name = 'Сбор телефона'): Promise<Made> {
  const { api } = product;
  const [first, second] = [new Control(fake, fake.newBot()), new Control(fake, fake.newBot())];
  await api.connectTelegram(fake.url, first.bot.token, 'webhook');
  const { id: secondBot } = await api.connectTelegram(fake.url, second.bot.token, 'webhook');
  await api.project('PATCH', `/connections/${secondBot}`, { title: 'Вторая лавка' });
  const body = { name, document: phoneFlow({ onIncorrect: 'exit' }) };
  const { id: scenario } = await api.project<{ id: string }>('POST', '/scenarios', body);
  await api.project('POST', `/scenarios/${scenario}/publish`, { revision: 1 });

  const talk = async (
    control: Control,
    id: number,
    person: string,
    ...lines: [say: string, hear: string][]
  ) => {
    const writer = control.person(id, person);
    for (const [say, hear] of lines) {
      const sent = () =>
        control.sent(hear).filter(({ params }) => (params as { chat_id?: number }).chat_id === id).length;
      const before = sent();
      writer.says(say);
      await until(`${person} to hear "${hear}"`, () => sent() > before);
    }
  };
  const asked: [string, string] = ['звонок', 'Ваш телефон?'];
  const answered = (phone: string): [string, string] => [phone, 'Когда позвонить?'];
  await talk(first, 11, 'Нина', asked, answered('8 912 555-01-42'));
  await talk(first, 12, 'Олег', asked, answered('8 912 555-01-43'), ['Вечером', 'Записали']);
  await talk(first, 13, 'Пётр', asked, ['а зачем?', 'Ответим здесь']);
  await talk(first, 14, 'Вера', asked, asked);
  await talk(first, 15, 'Игорь', asked);
  await talk(second, 16, 'Зоя', asked);
  const all = await api.conversations();
  const igor = all.find(({ contact }) => contact.name === 'Игорь');
  await api.settled(await api.send(igor!.id, 'Здравствуйте, это оператор'), 'sent');
  return { scenario, secondBot };
}
