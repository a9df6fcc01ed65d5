import type { Locale, MenuButton } from '../contract';
import { labelOf } from '../labels';
import type { Outbox } from './outbox';
import type { Entry, Form, Values, View } from './view';

/** What menu buttons and suggests ask of the server: a scenario to start, and the values of a form. Both wait like messages. */

/** A menu button, or a suggest. */
export type Labelled = Pick<MenuButton, 'id' | 'label'>;

/** Pressing again changes nothing while it waits, and tries again after a refusal. */
export function askLaunch(outbox: Outbox, button: Labelled, locale: Locale) {
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
  button: Form,
  locale: Locale,
  values: Values = {},
  fault: string | null = null,
): NonNullable<View['form']> {
  return { button, title: labelOf(button, locale), values, fault };
}

export function isEmpty(values: Values): boolean {
  return !Object.keys(values).length;
}

/** Refused values go back into their form. */
export function takeForm(outbox: Outbox, clientId: string): Entry['form'] {
  const form = outbox.find(clientId)?.form;
  if (form) outbox.done(clientId);
  return form;
}
