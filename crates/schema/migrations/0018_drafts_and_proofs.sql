-- What an operator has begun to write and not sent: it follows them to another device.
CREATE TABLE drafts (
  account_id UUID NOT NULL,
  conversation_id UUID NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
  user_id UUID NOT NULL,
  text TEXT NOT NULL,
  changed_at BIGINT NOT NULL,
  PRIMARY KEY (conversation_id, user_id)
);
CREATE INDEX drafts_of_user ON drafts (user_id);
-- Whoever answers a conversation that is nobody's takes it.
ALTER TABLE projects ADD COLUMN answer_assigns BOOLEAN NOT NULL DEFAULT TRUE;
-- The list that shows first who waits longest reads those at work: nothing of this index changes with a message.
CREATE INDEX conversations_at_work ON conversations (project_id) WHERE status <> 'closed';
-- When the password was given last in a session: the gravest acts ask for it anew (security statement 39). Sessions of before gave it when
-- they began.
ALTER TABLE sessions ADD COLUMN proven_at BIGINT NOT NULL DEFAULT 0;
UPDATE sessions SET proven_at = created_at;
-- How often a day somebody did one thing.
CREATE INDEX audit_log_deeds ON audit_log (account_id, actor, action, number);
