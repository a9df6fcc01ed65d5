-- What clients think of a conversation: one a conversation, the last that was given.
CREATE TABLE ratings (
  account_id UUID NOT NULL,
  conversation_id UUID PRIMARY KEY REFERENCES conversations (id) ON DELETE CASCADE,
  project_id UUID NOT NULL,
  contact_id UUID NOT NULL,
  operator_id UUID,
  score BIGINT NOT NULL,
  comment TEXT NOT NULL,
  rated_at BIGINT NOT NULL
);
CREATE INDEX ratings_of_project ON ratings (project_id, rated_at, conversation_id);
