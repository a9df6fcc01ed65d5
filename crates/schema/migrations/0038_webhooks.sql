-- Webhooks out (Standard Webhooks 1.0, D7, ADR 35): what happens in a project is told to programs of the company's own.
CREATE TABLE webhooks (
  account_id UUID NOT NULL,
  id UUID PRIMARY KEY,
  project_id UUID NOT NULL,
  title TEXT NOT NULL,
  url TEXT NOT NULL,
  kinds TEXT NOT NULL,
  secret TEXT NOT NULL,
  old_secret TEXT,
  old_secret_until BIGINT NOT NULL DEFAULT 0,
  state TEXT NOT NULL CHECK (state IN ('on', 'off')),
  off_reason TEXT,
  position BIGINT NOT NULL,
  failing_since BIGINT,
  quiet_until BIGINT NOT NULL DEFAULT 0,
  created_at BIGINT NOT NULL,
  created_by TEXT NOT NULL,
  FOREIGN KEY (account_id, project_id) REFERENCES projects (account_id, id) ON DELETE CASCADE
);
CREATE INDEX webhooks_of_project ON webhooks (project_id, id);
CREATE INDEX webhooks_at_work ON webhooks (account_id) WHERE state = 'on';
-- What is to be told: an event's place in the log and no word of it, so that nothing is left here of a client who is erased.
CREATE TABLE webhook_messages (
  account_id UUID NOT NULL,
  id UUID PRIMARY KEY,
  webhook_id UUID NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
  position BIGINT NOT NULL,
  kind TEXT NOT NULL,
  happened_at BIGINT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('waiting', 'delivered', 'failed')),
  tries BIGINT NOT NULL DEFAULT 0,
  due_at BIGINT NOT NULL,
  ended_at BIGINT
);
CREATE UNIQUE INDEX webhook_messages_position ON webhook_messages (webhook_id, position);
CREATE INDEX webhook_messages_due ON webhook_messages (webhook_id, due_at) WHERE state = 'waiting';
CREATE INDEX webhook_messages_ended ON webhook_messages (account_id, ended_at) WHERE ended_at IS NOT NULL;
CREATE TABLE webhook_attempts (
  account_id UUID NOT NULL,
  message_id UUID NOT NULL REFERENCES webhook_messages (id) ON DELETE CASCADE,
  number BIGINT NOT NULL,
  at BIGINT NOT NULL,
  took_ms BIGINT NOT NULL,
  status BIGINT,
  problem TEXT,
  PRIMARY KEY (message_id, number)
);
