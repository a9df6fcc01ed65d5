import type { Locale, MenuButton } from '../contract';
import { labelOf } from './menu';
import type { Outbox } from './outbox';
import type { Entry, Values, View } from './view';

/** What menu buttons ask of the server: a scenario to start, and the values of a form. Both wait like messages. */

/** Pressing again changes nothing while it waits, and tries again after a refusal. */
export function askLaunch(outbox: Outbox, button: MenuButton, locale: Locale) {
  const known = outbox.entries.find((entry) => entry.launch === button.id);
  if (!known) outbox.add(labelOf(button, locale), [], { launch: button.id });
  else if (known.state === 'failed') outbox.retry(known.client_id);
}

/** What the server says of a scenario is for its makers: a visitor hears what to do. */
export function refusal(outbox: Outbox, clientId: string, detail: string, locale: Locale): string {
  if (!outbox.find(clientId)?.launch) return detail;
  return locale === 'ru' ? 'бот сейчас не отвечает, напишите нам' : 'the bot is away, please write to us';
}

export function formOf(
  button: MenuButton,
  locale: Locale,
  values: Values = {},
  fault: string | null = null,
): NonNullable<View['form']> {
  return { button, title: labelOf(button, locale), values, fault };
}

/** Refused values go back into their form. */
export function takeForm(outbox: Outbox, clientId: string): Entry['form'] {
  const form = outbox.find(clientId)?.form;
  if (form) outbox.done(clientId);
  return form;
}
