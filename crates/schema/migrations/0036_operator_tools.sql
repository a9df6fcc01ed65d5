-- Canned replies (Быстрые ответы): of the whole team, or of one person alone (owner_id).
CREATE TABLE canned_replies (
  account_id UUID NOT NULL,
  id UUID PRIMARY KEY,
  project_id UUID NOT NULL,
  owner_id UUID,
  shortcut TEXT NOT NULL,
  title TEXT NOT NULL,
  folder TEXT NOT NULL,
  text TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  FOREIGN KEY (account_id, project_id) REFERENCES projects (account_id, id) ON DELETE CASCADE
);
CREATE INDEX canned_replies_of_project ON canned_replies (project_id);
-- Until when a conversation is put off, NULL for one that waits for its client's word; and what it was before.
ALTER TABLE conversations ADD COLUMN snoozed_until BIGINT;
ALTER TABLE conversations ADD COLUMN snoozed_from TEXT;
-- Saved views of the list of conversations: of the whole team, or of one person alone (owner_id).
CREATE TABLE saved_views (
  account_id UUID NOT NULL,
  id UUID PRIMARY KEY,
  project_id UUID NOT NULL,
  owner_id UUID,
  name TEXT NOT NULL,
  query TEXT NOT NULL,
  revision BIGINT NOT NULL,
  changed_by TEXT NOT NULL,
  changed_at BIGINT NOT NULL,
  FOREIGN KEY (account_id, project_id) REFERENCES projects (account_id, id) ON DELETE CASCADE
);
CREATE INDEX saved_views_of_project ON saved_views (project_id);
-- Whom a note names, until they have read it.
CREATE TABLE mentions (
  account_id UUID NOT NULL,
  message_id UUID NOT NULL REFERENCES messages (id) ON DELETE CASCADE,
  user_id UUID NOT NULL,
  project_id UUID NOT NULL,
  conversation_id UUID NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
  seq BIGINT NOT NULL,
  is_read BOOLEAN NOT NULL,
  PRIMARY KEY (message_id, user_id)
);
CREATE INDEX mentions_unread ON mentions (user_id, project_id) WHERE NOT is_read;
CREATE INDEX mentions_conversation ON mentions (conversation_id);
