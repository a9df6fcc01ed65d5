import { m } from '$lib/paraglide/messages';
import { count, dayText } from '$lib/shared/format';
import { codeText } from '$lib/shared/problem';
import { channelName } from '$lib/shared/words';
import type { MailingDocument, Preflight } from './contract';
import { isScenario } from './document';
import { stepOf, type Step } from './steps';

/** One line before the start: what forbids it, what to look at, or what is well. */
export interface Line {
  tone: 'bad' | 'odd' | 'good';
  text: string;
  /** What else is known of it. */
  aside?: string;
  /** Where it is mended. */
  step?: Step;
  /** It is mended by a trial in these channels. */
  trial?: string[];
}

interface Known {
  answer: Preflight;
  document: MailingDocument;
  /** Channels in which somebody has had a trial. */
  tried: ReadonlySet<string>;
  /** Of the scenario that it starts; null where there is none, or it is not known. */
  version: number | null;
  licence: { isOn: boolean | null; until: string | null };
}

/** What stands between the draft and its start, the worst first. */
export function linesOf({ answer, document, tried, version, licence }: Known): Line[] {
  const lines: Line[] = answer.problems.map(({ path, code, message }) => ({
    tone: 'bad',
    text: codeText(code, message, { place: path.replace(/^\//, '').replaceAll('/', '.') }),
    step: stepOf(path),
  }));
  if (answer.reachable === 0 && answer.problems.length === 0)
    lines.push({ tone: 'bad', text: m.mailing_ready_nobody(), step: 'who' });
  // Somebody is written to there, and nobody has seen how it comes out.
  const untried = document.channels.filter(
    (channel) => (answer.by_channel[channel]?.people ?? 0) > 0 && !tried.has(channel),
  );
  if (untried.length > 0)
    lines.push({
      tone: 'odd',
      text: m.mailing_ready_untried({ channels: untried.map(channelName).join(', ') }),
      trial: untried,
    });
  if (answer.may_close > 0)
    lines.push({
      tone: 'odd',
      text: m.mailing_ready_may_close({ count: answer.may_close, shown: count(answer.may_close) }),
      step: 'when',
    });
  if (document.required) lines.push({ tone: 'odd', text: m.mailing_ready_required(), step: 'what' });
  if (isScenario(document.body)) {
    if (version !== null)
      lines.push({
        tone: 'good',
        text: m.mailing_ready_published(),
        aside: m.mailing_version({ version }),
      });
    if (licence.isOn)
      lines.push({
        tone: 'good',
        text: m.mailing_ready_premium(),
        aside: licence.until ? m.mailing_ready_until({ day: dayText(licence.until.slice(0, 10)) }) : '',
      });
  } else if (document.body.text.trim()) {
    lines.push({
      tone: 'good',
      text: m.mailing_ready_text(),
      aside: m.mailing_letters({ count: document.body.text.length, shown: count(document.body.text.length) }),
    });
  }
  if (document.opt_out_line) lines.push({ tone: 'good', text: m.mailing_ready_opt_out() });
  return lines;
}
