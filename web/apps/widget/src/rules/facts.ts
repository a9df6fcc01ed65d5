import { pageFacts, type Facts } from '@otklik/site-rules';
import type { Visit } from './visit';

/** What is known at a moment, but for what the server told. */
export interface Here {
  page: { url: string; title: string };
  visit: Visit['state'];
  secondsOnPage: number;
  /** Of the visit, the present page's with them. */
  secondsOnSite: number;
  scrollPercent: number;
  idleSeconds: number;
  exitIntent: boolean;
  device: string;
  operatorsOnline: boolean;
  country: string | null;
}

let said: { url?: string; facts?: Facts } = {};

/** What a page says of itself as long as its address stays, taken apart once. */
export function factsOfPage(url: string): Facts {
  if (said.url !== url) {
    const { referrer } = document;
    said = { url, facts: { ...pageFacts(url), referrer, language: navigator.language } };
  }
  return said.facts!;
}

/** The facts of a moment by their names, those of a visitor with them. */
export function factsOf(here: Here, told?: Facts): Facts {
  const { page, visit } = here;
  const facts: Facts = {
    ...factsOfPage(page.url),
    ...visit.utm,
    ...told,
    page_title: page.title,
    seconds_on_page: here.secondsOnPage,
    seconds_on_site: here.secondsOnSite,
    pages_viewed: visit.pages,
    visits: visit.visits,
    returning: visit.visits > 1,
    scroll_percent: here.scrollPercent,
    idle_seconds: here.idleSeconds,
    exit_intent: here.exitIntent,
    operators_online: here.operatorsOnline,
    device: here.device,
    country: here.country ?? undefined,
  };
  for (const name in visit.events) facts[`event.${name}`] = visit.events[name];
  return facts;
}

/** What the server asks the page for: parameters it reads out of the address, fields and tags are its own. */
export function factsToTell(facts: Facts): Facts {
  const isOurs = ([name]: [string, unknown]) => !/^(query\.|field\.|tag$|operators_online$)/.test(name);
  return Object.fromEntries(Object.entries(facts).filter(isOurs));
}
