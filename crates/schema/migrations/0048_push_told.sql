-- Which browser was told of which conversation, up to which message: what its person reads elsewhere is taken away there, too (ADR 46).
CREATE TABLE push_told (
  account_id UUID NOT NULL,
  subscription_id UUID NOT NULL REFERENCES push_subscriptions (id) ON DELETE CASCADE,
  conversation_id UUID NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
  seq BIGINT NOT NULL,
  told_at BIGINT NOT NULL,
  PRIMARY KEY (subscription_id, conversation_id)
);
CREATE INDEX push_told_conversation ON push_told (conversation_id);
