-- The usual tables of a chat, for pgbench: made anew before every round, so that each begins with the same rows.
DROP TABLE IF EXISTS events, messages, conversations;
CREATE TABLE conversations (
  id INTEGER PRIMARY KEY,
  unread INTEGER NOT NULL DEFAULT 0,
  last_message_id BIGINT,
  updated_at BIGINT NOT NULL
);
CREATE INDEX conversations_recent ON conversations (updated_at);
CREATE TABLE messages (
  id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  conversation_id INTEGER NOT NULL,
  sender TEXT NOT NULL,
  body TEXT NOT NULL,
  created_at BIGINT NOT NULL
);
CREATE INDEX messages_conversation ON messages (conversation_id, id);
CREATE TABLE events (
  id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  kind TEXT NOT NULL,
  conversation_id INTEGER NOT NULL,
  message_id BIGINT NOT NULL,
  payload TEXT NOT NULL,
  created_at BIGINT NOT NULL
);
INSERT INTO conversations (id, updated_at) SELECT n, n FROM generate_series(1, 10000) AS n;
VACUUM ANALYZE conversations;
