import { beforeAll, expect, it } from 'vitest';
import { overwriteGetLocale } from '$lib/paraglide/runtime';
import { contactsIn, inWords } from './recipientsFile';

beforeAll(() => overwriteGetLocale(() => 'ru'));

const TABLE =
  '\uFEFFcontact_id,name,channel,state,reason,answered,text\n' +
  'cnt_1,"Ольга ""О""",telegram,skipped,opted_out,false,\n' +
  'cnt_2,Тимур,email,sent,,true,"Лампы,\nторшеры"\n';

it('says the words of the server in the reader’s', () => {
  expect(inWords(TABLE)).toBe(
    '\uFEFF"Номер клиента","Клиент","Канал","Статус","Причина","Ответили","Текст сообщения"\r\n' +
      '"cnt_1","Ольга ""О""","Telegram","Пропущено","Отписались","Нет",""\r\n' +
      '"cnt_2","Тимур","Почта","Отправлено","","Да","Лампы,\nторшеры"\r\n',
  );
});

it('knows who stands in it', () => {
  expect(contactsIn(TABLE)).toEqual(['cnt_1', 'cnt_2']);
});
