-- When a line came into the history: what a field held is forgotten a year after it was replaced, however long it stood before.
ALTER TABLE value_history ADD COLUMN kept_at BIGINT NOT NULL DEFAULT 0;
-- Nobody knows of the lines that are here already: their year begins with the newest event, which is about now.
UPDATE value_history SET kept_at = (SELECT COALESCE(MAX(e.created_at), value_history.set_at) FROM events e);
CREATE INDEX value_history_by_age ON value_history (account_id, kept_at);
