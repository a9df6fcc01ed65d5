-- When a line came into the history: what a field held is forgotten a year after it was replaced, however long it stood before.
ALTER TABLE value_history ADD COLUMN kept_at BIGINT NOT NULL DEFAULT 0;
UPDATE value_history SET kept_at = set_at;
CREATE INDEX value_history_by_age ON value_history (account_id, kept_at);
