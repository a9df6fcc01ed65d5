import type { Delivery, DeliveryStatus, Message } from '@otklik/api';

const RANK: Record<DeliveryStatus, number> = {
  queued: 0,
  sending: 1,
  unknown: 2,
  failed: 2,
  sent: 3,
  delivered: 4,
  read: 5,
};

/**
 * The later word about a delivery. A page fetched after an event was sent may already know more than the event:
 * time decides, and at the same moment the further state wins.
 */
export function laterDelivery(known: Delivery | null, heard: Delivery | null): Delivery | null {
  if (!known || !heard) return heard ?? known;
  const knownAt = Date.parse(known.at);
  const heardAt = Date.parse(heard.at);
  if (heardAt !== knownAt) return heardAt > knownAt ? heard : known;
  return RANK[heard.status] >= RANK[known.status] ? heard : known;
}

/** Failed and unknown deliveries may be tried again; everything else is on its way or there. */
export function canRetry(message: Message): boolean {
  const status = message.delivery?.status;
  return status === 'failed' || status === 'unknown';
}
