-- Suggests: buttons with words that auto-actions show (R75, R76).
CREATE TABLE suggests (
  account_id UUID NOT NULL,
  id UUID PRIMARY KEY,
  project_id UUID NOT NULL,
  place BIGINT NOT NULL,
  document TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  FOREIGN KEY (account_id, project_id) REFERENCES projects (account_id, id) ON DELETE CASCADE
);
CREATE INDEX suggests_of_project ON suggests (project_id);
-- Auto-actions (R33, R73-R77): what each waits for and does is one document; the first of their order goes first.
CREATE TABLE auto_actions (
  account_id UUID NOT NULL,
  id UUID PRIMARY KEY,
  project_id UUID NOT NULL,
  place BIGINT NOT NULL,
  document TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  FOREIGN KEY (account_id, project_id) REFERENCES projects (account_id, id) ON DELETE CASCADE
);
CREATE INDEX auto_actions_of_project ON auto_actions (project_id);
-- What visitors were shown: limits are counted by it, and the numbers of an auto-action. A visitor who never said anything has no contact.
CREATE TABLE auto_action_showings (
  account_id UUID NOT NULL,
  auto_action_id UUID NOT NULL REFERENCES auto_actions (id) ON DELETE CASCADE,
  project_id UUID NOT NULL,
  visitor TEXT NOT NULL,
  client_id TEXT NOT NULL,
  shown_at BIGINT NOT NULL,
  clicked_at BIGINT,
  dialog_at BIGINT,
  is_test BOOLEAN NOT NULL,
  PRIMARY KEY (project_id, visitor, client_id)
);
CREATE INDEX auto_action_showings_of_one ON auto_action_showings (auto_action_id, shown_at);
