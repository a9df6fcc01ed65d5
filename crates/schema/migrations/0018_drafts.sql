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
