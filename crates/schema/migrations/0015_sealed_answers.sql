-- Kept answers are sealed from now on, and name the clients they speak of, so that erasure finds them. Those of before are a day's at most.
DELETE FROM idempotency_keys;
ALTER TABLE idempotency_keys ADD COLUMN mentions TEXT NOT NULL DEFAULT '';
