-- Web push (RFC 8030, 8291, 8292): an account's own key, the browsers that its people want to be told in, and how far the log was followed.
CREATE TABLE push_keys (
  account_id UUID PRIMARY KEY REFERENCES accounts (account_id) ON DELETE CASCADE,
  secret TEXT NOT NULL,
  position BIGINT NOT NULL
);
CREATE TABLE push_subscriptions (
  account_id UUID NOT NULL,
  id UUID PRIMARY KEY,
  user_id UUID NOT NULL,
  session_id UUID NOT NULL,
  endpoint TEXT NOT NULL,
  public_key TEXT NOT NULL,
  auth TEXT NOT NULL,
  device TEXT NOT NULL,
  quiet_until BIGINT NOT NULL DEFAULT 0,
  created_at BIGINT NOT NULL,
  FOREIGN KEY (account_id, user_id) REFERENCES users (account_id, id) ON DELETE CASCADE,
  FOREIGN KEY (account_id, session_id) REFERENCES sessions (account_id, id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX push_subscriptions_endpoint ON push_subscriptions (endpoint);
CREATE INDEX push_subscriptions_user ON push_subscriptions (account_id, user_id);
CREATE INDEX push_subscriptions_session ON push_subscriptions (account_id, session_id);
