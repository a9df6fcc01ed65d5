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
