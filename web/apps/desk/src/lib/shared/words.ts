import type {
  ChannelKind,
  Contact,
  Conversation,
  ConversationStatus,
  FieldSource,
  Message,
  ReplyChannel,
} from '@otklik/api';
import { m } from '$lib/paraglide/messages';
import { getLocale } from '$lib/paraglide/runtime';
import { momentText } from './format';
import { kindOf } from './kinds';

/** What a site's button or suggest says, in the language of the desk where it has words for it. */
export const labelText = (label: { ru: string; en?: string | null }): string =>
  (getLocale() === 'en' && label.en) || label.ru;

/** Words for the contract's enums. */
export const channelName = (channel: ChannelKind): string => kindOf(channel)?.name() ?? channel;

export function statusName(status: ConversationStatus): string {
  const names: Record<ConversationStatus, () => string> = {
    bot: m.status_bot,
    new: m.status_new,
    open: m.status_open,
    waiting: m.status_waiting,
    snoozed: m.status_snoozed,
    closed: m.status_closed,
  };
  return names[status]();
}

export function sourceName(source: FieldSource): string {
  const names: Record<FieldSource, () => string> = {
    operator: m.source_operator,
    bot: m.source_bot,
    javascript: m.source_javascript,
    identity_token: m.source_identity_token,
    channel: m.source_channel,
    api: m.source_api,
    import: m.source_import,
  };
  return names[source]?.() ?? source;
}

export function contactName(contact: Pick<Contact, 'name' | 'handle'>): string {
  return contact.name || contact.handle || m.visitor();
}

/** What the client will notice, or why the channel is closed. */
export function replyHint(channel: ReplyChannel): string {
  if (channel.can_write) {
    if (channel.online) return m.reply_online();
    return channel.channel === 'site' ? m.reply_site_offline() : m.reply_offline();
  }
  switch (channel.reason) {
    case 'blocked_by_client':
      return m.reply_blocked();
    case 'connection_off':
      return m.reply_connection_off();
    case 'not_started':
      return m.reply_not_started();
    case 'no_way_out':
      return m.reply_no_way_out();
    default:
      return m.reply_closed();
  }
}

/** Lines of before there were names have the id of the scenario. */
const calledText = (label: string) =>
  !label || label.startsWith('scn_')
    ? m.event_scenario_called()
    : m.event_scenario_called_name({ name: label });

export function eventText(message: Message, fieldTitle: (key: string) => string): string {
  const event = message.content.event;
  const data = event?.data ?? {};
  const name = typeof data.name === 'string' ? data.name : '';
  switch (event?.code) {
    case 'conversation.assigned':
      return data.user_id ? m.event_assigned({ name }) : m.event_released();
    case 'department.given':
      return data.by
        ? m.event_department_given({ name, by: String(data.by) })
        : m.event_department_sorted({ name });
    case 'department.gone':
      return m.event_department_gone({ name });
    case 'routing.given':
      return givenText(name, data);
    case 'routing.returned':
      return m.event_routing_returned();
    case 'conversation.closed':
      return name ? m.event_closed({ name }) : m.event_closed_auto();
    case 'conversation.snoozed':
      return typeof data.until === 'string'
        ? m.event_snoozed({ name, time: momentText(data.until) })
        : m.event_snoozed_reply({ name });
    case 'conversation.unsnoozed':
      return m.event_unsnoozed({ name });
    case 'conversation.woken':
      return m.event_woken();
    case 'conversation.left':
      return m.event_left();
    case 'conversation.reopened':
      return m.event_reopened();
    case 'field.saved':
      return m.event_field({ field: fieldTitle(String(data.key)), value: printable(data.value) });
    case 'contact.started':
      return m.event_started();
    case 'contact.linked':
      return m.event_linked();
    case 'menu.pressed':
      return m.event_menu_pressed({ label: String(data.label) });
    case 'conversation.rated':
      return data.comment
        ? m.event_conversation_rated_words({ score: Number(data.score), comment: String(data.comment) })
        : m.event_conversation_rated({ score: Number(data.score) });
    case 'scenario.called':
      return calledText(String(data.label ?? ''));
    case 'suggest.pressed':
      return m.event_suggest_pressed({ label: String(data.label) });
    case 'auto_action.notice':
      return m.event_auto_notice({ title: String(data.auto_action), text: String(data.text) });
    case 'mailing.sent':
      return m.event_mailing_sent({ title: String(data.mailing) });
    case 'scenario.started':
      return m.event_scn_started({ name: String(data.scenario) });
    case 'scenario.ended':
      return endings[String(data.reason)]?.() ?? m.event_scn_done();
    case 'scenario.transferred':
      return m.event_scn_transferred();
    case 'scenario.notice':
      return m.event_scn_notice({ text: String(data.text) });
    case 'scenario.notice_not_sent':
      return m.event_scn_notice_not_sent({
        to: String(data.to),
        why: noticeTroubles[String(data.code)]?.() ?? String(data.why),
      });
    case 'scenario.not_sent':
      return m.event_scn_not_sent({ why: String(data.why) });
    case 'scenario.consent_kept':
      return m.event_scn_consent_kept({ name: String(data.scenario) });
    case 'scenario.not_saved':
      return m.event_scn_not_saved({ field: fieldTitle(String(data.key)), value: printable(data.value) });
    case 'scenario.no_such_user':
      return m.event_scn_no_user({ name: String(data.to) });
    case 'scenario.no_such_department':
      return m.event_scn_no_department({ name: String(data.scenario) });
    case 'scenario.secret_refused':
      return m.event_scn_secret_refused({ secret: String(data.secret), host: String(data.host) });
    case 'scenario.skipped':
      return data.reason === 'run'
        ? m.event_scn_skipped_run({ name: String(data.scenario) })
        : m.event_scn_skipped({ name: String(data.scenario) });
    case 'scenario.refused':
      return m.event_scn_refused({ name: String(data.scenario) });
    default:
      return m.event_other({ code: event?.code ?? '' });
  }
}

const reasons: Record<string, (words: { name: string }) => string> = {
  last_operator: m.event_routed_last_operator,
  in_turn: m.event_routed_in_turn,
  least_busy: m.event_routed_least_busy,
};

/** Who was given it by distribution, why, and who had not answered. */
function givenText(name: string, { reason, instead_of }: Record<string, unknown>): string {
  const text = reasons[String(reason)]?.({ name }) ?? m.event_assigned({ name });
  return instead_of ? m.event_routed_instead({ text, former: String(instead_of) }) : text;
}

/** Why a letter to the team went nowhere; of anything else the mail server's own words are shown. */
const noticeTroubles: Record<string, () => string> = {
  no_mailbox: m.notice_no_mailbox,
  own_mailbox: m.notice_own_mailbox,
  bad_address: m.notice_bad_address,
  not_reached: m.notice_not_reached,
};

const endings: Record<string, () => string> = {
  done: m.event_scn_done,
  expired: m.event_scn_expired,
  loop: m.event_scn_loop,
  stopped: m.event_scn_stopped,
  no_licence: m.event_scn_no_licence,
  contact_removed: m.event_scn_removed,
};

function printable(value: unknown): string {
  return Array.isArray(value) ? value.map(String).join(', ') : String(value ?? '');
}

/** What a client sent that is neither words nor a file. A form that we do not know keeps its channel's word. */
export function formName(form: string): string {
  const names: Record<string, () => string> = {
    contact: m.form_contact,
    venue: m.form_venue,
    location: m.form_location,
    poll: m.form_poll,
    dice: m.form_dice,
    story: m.form_story,
    checklist: m.form_checklist,
    paid_media: m.form_paid_media,
    web_app_data: m.form_web_app_data,
    successful_payment: m.form_successful_payment,
    refunded_payment: m.form_refunded_payment,
    sticker: m.form_sticker,
  };
  return names[form]?.() ?? m.form_other({ form });
}

/** The second line of a row. */
export function previewText(conversation: Conversation, me: string): string {
  const message = conversation.last_message;
  if (!message) return '';
  if (message.kind === 'event') return eventText(message, (key) => key);
  if (message.content.deleted) return m.msg_deleted();
  const file = message.content.attachments[0];
  const form = message.content.extra?.form;
  const fallback = form ? formName(form) : file ? `${m.file()}: ${file.name}` : '';
  const text = message.content.text.replace(/\s+/g, ' ') || fallback;
  if (message.kind === 'note') return `${m.note()}: ${text}`;
  if (message.author.kind === 'bot') return `${m.bot()}: ${text}`;
  if (message.author.kind !== 'operator') return text;
  const author = message.author.id === me ? m.you() : (message.author.name?.split(' ')[0] ?? '');
  return author ? `${author}: ${text}` : text;
}
