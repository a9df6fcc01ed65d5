import { currentDevice } from '@otklik/chat/menu';
import type { TellableVisit } from '../contract';
import type { Shell } from '../shell';
import { utmOf, VisitCount } from './visit';

/** The visit as it is kept, whoever counts it: a page that was not counted yet is counted here. */
export function visitOf({ store, prefix }: Pick<Shell, 'store' | 'prefix'>): TellableVisit {
  const { since, visits, pages, counted, utm, referrer } = new VisitCount(store, prefix).current;
  const marks = Object.entries(utm);
  const here = Object.entries(utmOf(location.href));
  return {
    since: new Date(since),
    visits,
    pages: pages + Number(counted !== performance.timeOrigin),
    device: currentDevice(),
    language: navigator.language,
    // `utm_source` is `source` there.
    utm: Object.fromEntries((marks[0] ? marks : here).map(([name, value]) => [name.slice(4), value])),
    referrer: referrer ?? document.referrer,
  };
}
