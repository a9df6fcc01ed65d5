-- Timers are jobs with a key: a newer timer of the same key takes the place of the older one.
ALTER TABLE jobs ADD COLUMN timer_key TEXT;
CREATE UNIQUE INDEX jobs_timer ON jobs (account_id, kind, timer_key) WHERE timer_key IS NOT NULL;

-- Deliveries go out by lanes (rulings 64): 0 people, 1 bots, 2 mailings.
ALTER TABLE deliveries ADD COLUMN lane BIGINT NOT NULL DEFAULT 0;
DROP INDEX deliveries_due;
CREATE INDEX deliveries_due ON deliveries (status, lane, next_at);
CREATE INDEX deliveries_lower ON deliveries (connection_id, lane, next_at) WHERE status = 'queued' AND lane > 0;
