import { m } from '$lib/paraglide/messages';
import { getLocale } from '$lib/paraglide/runtime';
import { channelName } from '$lib/shared/words';
import { audienceText, type Names } from './audienceWords';
import type { MailingDocument, Preflight, Schedule } from './contract';
import { isScenario } from './document';
import { localOf } from './schedule';
import type { Step } from './steps';
import { inTitles } from './template';
import { zoneName } from './words';

/** "Сегодня, 3 декабря, 10:00" of a clock's own words. */
export function startText({ at }: Schedule, zone: string, now = Date.now()): string {
  if (!at) return m.mailing_start_now();
  const today = localOf(now, zone).slice(0, 10);
  const tomorrow = localOf(now + 86_400_000, zone).slice(0, 10);
  const day = at.slice(0, 10);
  const isThisYear = day.slice(0, 4) === today.slice(0, 4);
  const written = new Intl.DateTimeFormat(getLocale() === 'ru' ? 'ru-RU' : 'en-GB', {
    timeZone: 'UTC',
    day: 'numeric',
    month: 'long',
    ...(!isThisYear && { year: 'numeric' }),
  }).format(Date.parse(`${day}T00:00Z`));
  const said = [written, at.slice(11, 16)];
  if (day === today) said.unshift(m.today());
  if (day === tomorrow) said.unshift(m.mailing_tomorrow());
  return said.join(', ');
}

/** The start, and by whose clock. */
export function whenText(schedule: Schedule, zone: string): string {
  if (!schedule.at) return m.mailing_when_now();
  const start = startText(schedule, zone);
  if (schedule.zone === 'client') return m.mailing_when_client({ start });
  return m.mailing_when_project({ start, zone: zoneName(zone) });
}

/** What is sent, in a few words. */
export function bodyText(
  document: MailingDocument,
  names: Pick<Names, 'scenario' | 'field'>,
  version?: number,
): string {
  const { body } = document;
  if (isScenario(body)) {
    if (!body.scenario_id) return m.mailing_what_none();
    const name = names.scenario(body.scenario_id);
    return version ? m.mailing_what_scenario({ name, version }) : m.mailing_what_scenario_plain({ name });
  }
  const text = inTitles(body.text, names.field).replace(/\s+/g, ' ').trim();
  return text
    ? m.mailing_what_text({ text: text.length > 44 ? `${text.slice(0, 43)}…` : text })
    : m.mailing_what_none();
}

/** One or two by name, more by number. */
function channelsText(channels: string[]): string {
  if (channels.length === 0) return m.mailing_in_no_channel();
  if (channels.length < 3) return channels.map(channelName).join(', ');
  return m.mailing_in_channels({ count: channels.length, shown: String(channels.length) });
}

interface Known {
  document: MailingDocument;
  names: Names;
  version: number | undefined;
  zone: string;
  answer: Preflight | null;
}

/** What each step of the editor says so far. */
export function summariesOf({ document, names, version, zone, answer }: Known): Record<Step, string> {
  return {
    who: audienceText(document.audience, names),
    what: `${bodyText(document, names, version)}, ${channelsText(document.channels)}`,
    when: whenText(document.schedule, zone),
    check: checkText(answer),
  };
}

function checkText(answer: Preflight | null): string {
  if (!answer) return m.mailing_counting();
  const { problems, reachable } = answer;
  if (problems.length > 0)
    return m.mailing_cannot_start({ count: problems.length, shown: String(problems.length) });
  return reachable === 0 ? m.mailing_ready_nobody() : m.mailing_can_start();
}
