import type { Bot } from './bot';
import type { Params } from './body';
import { Refusal, badRequest, blocked } from './refusal';
import type { Updates } from './updates';

type Method = (bot: Bot, params: Params, updates: Updates) => unknown;

const MAX_TEXT = 4096;
const MAX_CAPTION = 1024;
const now = () => Math.floor(Date.now() / 1000);

/** Answers of the Bot API with the checks of the real server (channels.md 1), as far as the product can run into them. */
export const METHODS: Record<string, Method> = {
  getme: (bot) => ({
    ...bot.me,
    can_join_groups: true,
    can_read_all_group_messages: false,
    supports_inline_queries: false,
  }),
  setwebhook: (bot, { values }, updates) => updates.setWebhook(bot, values),
  deletewebhook: (bot, { values }, updates) =>
    updates.deleteWebhook(bot, values.drop_pending_updates === true),
  getwebhookinfo: (bot, _, updates) => updates.webhookInfo(bot),
  getupdates: (bot, { values }, updates) => updates.poll(bot, values),
  sendmessage: (bot, { values }) => {
    const text = typeof values.text === 'string' ? values.text.trim() : '';
    if (!text) throw badRequest('message text is empty');
    if (text.length > MAX_TEXT) throw badRequest('message is too long');
    return { ...envelope(bot, values), text };
  },
  sendphoto: (bot, params) => {
    const file = fileOf(bot, params, 'photo');
    const sizes = [90, 800].map((width) => ({
      file_id: file.file_id,
      file_unique_id: `u${width}`,
      width,
      height: width,
      file_size: file.bytes.length,
    }));
    return { ...envelope(bot, params.values), photo: sizes, ...captionOf(params) };
  },
  senddocument: (bot, params) => {
    const file = fileOf(bot, params, 'document');
    const document = {
      file_id: file.file_id,
      file_unique_id: 'u',
      file_name: file.name,
      mime_type: file.mime,
      file_size: file.bytes.length,
    };
    return { ...envelope(bot, params.values), document, ...captionOf(params) };
  },
  answercallbackquery: (bot, { values }) => {
    if (!bot.callbacks.delete(String(values.callback_query_id))) {
      throw badRequest('query is too old and response timeout expired or query ID is invalid');
    }
    return true;
  },
  getfile: (bot, { values }) => {
    const file = bot.files.get(String(values.file_id));
    if (!file) throw badRequest('invalid file_id');
    return { file_id: file.file_id, file_unique_id: 'u', file_size: file.bytes.length, file_path: file.path };
  },
};

/** Calls that come under the limit on messages. */
export const SENDING = ['sendmessage', 'sendphoto', 'senddocument'];

function envelope(bot: Bot, values: Record<string, unknown>) {
  if (values.chat_id === undefined || values.chat_id === '') throw badRequest('chat_id is empty');
  const chat = bot.chat(values.chat_id);
  if (chat.isBlocked) throw blocked();
  checkMarkup(values.reply_markup);
  const { id, first_name } = chat.user;
  return {
    message_id: bot.messageId(),
    from: bot.me,
    chat: { id, type: 'private', first_name },
    date: now(),
  };
}

function checkMarkup(markup: unknown) {
  if (markup === undefined) return;
  const keyboard = (markup as { inline_keyboard?: unknown[][] } | null)?.inline_keyboard;
  if (keyboard === undefined) return;
  for (const button of keyboard.flat() as Record<string, unknown>[]) {
    if (typeof button.text !== 'string' || !button.text)
      throw badRequest('text buttons are unallowed in the inline keyboard');
    if (button.url !== undefined) continue;
    const size = Buffer.byteLength(String(button.callback_data ?? ''));
    if (size < 1 || size > 64) throw new Refusal(400, 'Bad Request: BUTTON_DATA_INVALID');
  }
}

function captionOf({ values }: Params) {
  if (values.caption === undefined) return {};
  const caption = String(values.caption);
  if (caption.length > MAX_CAPTION) throw badRequest('message caption is too long');
  return { caption };
}

function fileOf(bot: Bot, { values, files }: Params, field: string) {
  // A client may name the part with the bytes itself: attach://NAME.
  const named = /^attach:\/\/(.+)$/.exec(String(values[field] ?? ''))?.[1];
  const sent = files[named ?? field];
  if (sent) {
    if (sent.bytes.length === 0) throw badRequest('file must be non-empty');
    return bot.store(sent.name, sent.mime, sent.bytes);
  }
  const known = bot.files.get(String(values[field] ?? ''));
  if (!known) throw badRequest(`there is no ${field} in the request`);
  return known;
}
