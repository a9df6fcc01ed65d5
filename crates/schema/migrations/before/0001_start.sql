-- Portable types only: TEXT, BIGINT, DOUBLE PRECISION, BOOLEAN. JSON is TEXT that SQL never looks into.
-- Every table has account_id; on PostgreSQL the runner puts row-level security on each (rulings 43).

CREATE TABLE accounts (
  account_id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  created_at BIGINT NOT NULL
);

-- The next event position of an account: taken under this row's lock, so that no reader can pass a later commit (D4).
CREATE TABLE account_positions (
  account_id TEXT PRIMARY KEY REFERENCES accounts (account_id) ON DELETE CASCADE,
  position BIGINT NOT NULL,
  oldest_kept BIGINT NOT NULL
);

CREATE TABLE users (
  account_id TEXT NOT NULL REFERENCES accounts (account_id) ON DELETE CASCADE,
  id TEXT NOT NULL,
  email TEXT NOT NULL,
  name TEXT NOT NULL,
  password_hash TEXT,
  role TEXT NOT NULL CHECK (role IN ('owner', 'admin', 'operator')),
  locale TEXT NOT NULL,
  active BOOLEAN NOT NULL,
  demo BOOLEAN NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (account_id, id)
);
CREATE UNIQUE INDEX users_email ON users (email);

CREATE TABLE sessions (
  account_id TEXT NOT NULL,
  id TEXT NOT NULL,
  token_hash TEXT NOT NULL,
  user_id TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  PRIMARY KEY (account_id, id),
  FOREIGN KEY (account_id, user_id) REFERENCES users (account_id, id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX sessions_token ON sessions (token_hash);
CREATE INDEX sessions_user ON sessions (account_id, user_id);

CREATE TABLE invitations (
  account_id TEXT NOT NULL,
  token_hash TEXT NOT NULL,
  user_id TEXT NOT NULL,
  expires_at BIGINT NOT NULL,
  PRIMARY KEY (account_id, token_hash),
  FOREIGN KEY (account_id, user_id) REFERENCES users (account_id, id) ON DELETE CASCADE
);

CREATE TABLE api_keys (
  account_id TEXT NOT NULL REFERENCES accounts (account_id) ON DELETE CASCADE,
  id TEXT NOT NULL,
  title TEXT NOT NULL,
  key_hash TEXT NOT NULL,
  scopes TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (account_id, id)
);
CREATE UNIQUE INDEX api_keys_hash ON api_keys (key_hash);

CREATE TABLE projects (
  account_id TEXT NOT NULL REFERENCES accounts (account_id) ON DELETE CASCADE,
  id TEXT NOT NULL,
  name TEXT NOT NULL,
  site_key TEXT NOT NULL,
  -- Sealed (crate vault).
  identity_secret TEXT NOT NULL,
  allowed_origins TEXT NOT NULL,
  appearance TEXT NOT NULL,
  config_version BIGINT NOT NULL,
  hub_limit BIGINT,
  max_group BIGINT,
  default_region TEXT NOT NULL,
  placeholders TEXT,
  demo BOOLEAN NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (account_id, id)
);
CREATE UNIQUE INDEX projects_site_key ON projects (site_key);

CREATE TABLE project_users (
  account_id TEXT NOT NULL,
  project_id TEXT NOT NULL,
  user_id TEXT NOT NULL,
  PRIMARY KEY (account_id, project_id, user_id),
  FOREIGN KEY (account_id, project_id) REFERENCES projects (account_id, id) ON DELETE CASCADE,
  FOREIGN KEY (account_id, user_id) REFERENCES users (account_id, id) ON DELETE CASCADE
);
CREATE INDEX project_users_user ON project_users (account_id, user_id);

CREATE TABLE connections (
  account_id TEXT NOT NULL,
  id TEXT NOT NULL,
  project_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  title TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('active', 'off', 'error')),
  settings TEXT NOT NULL,
  -- Sealed as one value (crate vault); NULL when there are none.
  secrets TEXT,
  hook_path TEXT,
  health TEXT NOT NULL,
  poll_offset BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (account_id, id),
  FOREIGN KEY (account_id, project_id) REFERENCES projects (account_id, id) ON DELETE CASCADE
);
CREATE INDEX connections_project ON connections (account_id, project_id);
CREATE UNIQUE INDEX connections_hook ON connections (hook_path);

CREATE TABLE contacts (
  account_id TEXT NOT NULL,
  id TEXT NOT NULL,
  project_id TEXT NOT NULL,
  connection_id TEXT NOT NULL,
  channel TEXT NOT NULL,
  external_id TEXT NOT NULL,
  address TEXT,
  name TEXT,
  handle TEXT NOT NULL,
  tags TEXT NOT NULL,
  search TEXT NOT NULL,
  group_id TEXT NOT NULL,
  created_seq BIGINT NOT NULL,
  blocked BOOLEAN NOT NULL,
  demo BOOLEAN NOT NULL,
  created_at BIGINT NOT NULL,
  last_seen_at BIGINT NOT NULL,
  PRIMARY KEY (account_id, id),
  FOREIGN KEY (account_id, connection_id) REFERENCES connections (account_id, id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX contacts_external ON contacts (account_id, connection_id, external_id);
CREATE INDEX contacts_group ON contacts (account_id, group_id);
CREATE INDEX contacts_recent ON contacts (account_id, project_id, last_seen_at);

CREATE TABLE fields (
  account_id TEXT NOT NULL,
  project_id TEXT NOT NULL,
  key TEXT NOT NULL,
  title TEXT NOT NULL,
  kind TEXT NOT NULL,
  options TEXT NOT NULL,
  place BIGINT NOT NULL,
  show_when_empty BOOLEAN NOT NULL,
  multi BOOLEAN NOT NULL,
  required BOOLEAN NOT NULL,
  read_only BOOLEAN NOT NULL,
  exclusive BOOLEAN NOT NULL,
  built_in BOOLEAN NOT NULL,
  hidden BOOLEAN NOT NULL,
  PRIMARY KEY (account_id, project_id, key),
  FOREIGN KEY (account_id, project_id) REFERENCES projects (account_id, id) ON DELETE CASCADE
);

-- norm is NULL when the value cannot match; unusable says why (empty, placeholder, invalid, garbage). claimed = kept beside a stronger value.
CREATE TABLE field_values (
  account_id TEXT NOT NULL,
  contact_id TEXT NOT NULL,
  field_key TEXT NOT NULL,
  place BIGINT NOT NULL,
  value TEXT NOT NULL,
  norm TEXT,
  unusable TEXT,
  verified BOOLEAN NOT NULL,
  source TEXT NOT NULL,
  set_by TEXT,
  set_at BIGINT NOT NULL,
  PRIMARY KEY (account_id, contact_id, field_key, place),
  FOREIGN KEY (account_id, contact_id) REFERENCES contacts (account_id, id) ON DELETE CASCADE
);

CREATE TABLE rules (
  account_id TEXT NOT NULL,
  id TEXT NOT NULL,
  project_id TEXT NOT NULL,
  key TEXT NOT NULL,
  fields TEXT NOT NULL,
  mode TEXT NOT NULL CHECK (mode IN ('at_once', 'suggest')),
  enabled BOOLEAN NOT NULL,
  verified_only BOOLEAN NOT NULL,
  hub_limit BIGINT,
  place BIGINT NOT NULL,
  PRIMARY KEY (account_id, id),
  FOREIGN KEY (account_id, project_id) REFERENCES projects (account_id, id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX rules_key ON rules (account_id, project_id, key);

-- The bipartite graph: one row per contact and key (multi-contacts.md section 3).
CREATE TABLE rule_keys (
  account_id TEXT NOT NULL,
  rule_id TEXT NOT NULL,
  key_hash TEXT NOT NULL,
  contact_id TEXT NOT NULL,
  key_text TEXT NOT NULL,
  PRIMARY KEY (account_id, rule_id, key_hash, contact_id),
  FOREIGN KEY (account_id, contact_id) REFERENCES contacts (account_id, id) ON DELETE CASCADE,
  FOREIGN KEY (account_id, rule_id) REFERENCES rules (account_id, id) ON DELETE CASCADE
);
CREATE INDEX rule_keys_contact ON rule_keys (account_id, contact_id);

CREATE TABLE overrides (
  account_id TEXT NOT NULL,
  id TEXT NOT NULL,
  project_id TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('link', 'unlink')),
  subject TEXT NOT NULL,
  others TEXT NOT NULL,
  created_seq BIGINT NOT NULL,
  created_by TEXT,
  note TEXT,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (account_id, id),
  FOREIGN KEY (account_id, project_id) REFERENCES projects (account_id, id) ON DELETE CASCADE
);
CREATE INDEX overrides_project ON overrides (account_id, project_id, created_seq);

-- Which overrides speak of a contact.
CREATE TABLE override_contacts (
  account_id TEXT NOT NULL,
  contact_id TEXT NOT NULL,
  override_id TEXT NOT NULL,
  PRIMARY KEY (account_id, contact_id, override_id),
  FOREIGN KEY (account_id, override_id) REFERENCES overrides (account_id, id) ON DELETE CASCADE
);

CREATE TABLE value_states (
  account_id TEXT NOT NULL,
  project_id TEXT NOT NULL,
  field_key TEXT NOT NULL,
  norm TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('blocked', 'allowed')),
  value TEXT NOT NULL,
  set_by TEXT,
  set_at BIGINT NOT NULL,
  PRIMARY KEY (account_id, project_id, field_key, norm, state),
  FOREIGN KEY (account_id, project_id) REFERENCES projects (account_id, id) ON DELETE CASCADE
);

CREATE TABLE conversations (
  account_id TEXT NOT NULL,
  id TEXT NOT NULL,
  project_id TEXT NOT NULL,
  contact_id TEXT NOT NULL,
  connection_id TEXT NOT NULL,
  channel TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('bot', 'new', 'open', 'waiting', 'snoozed', 'closed')),
  assignee_id TEXT,
  seq BIGINT NOT NULL,
  last_seq BIGINT NOT NULL,
  client_count BIGINT NOT NULL,
  position BIGINT NOT NULL,
  waiting_since BIGINT,
  client_read_seq BIGINT NOT NULL,
  demo BOOLEAN NOT NULL,
  created_at BIGINT NOT NULL,
  closed_at BIGINT,
  PRIMARY KEY (account_id, id),
  FOREIGN KEY (account_id, contact_id) REFERENCES contacts (account_id, id) ON DELETE CASCADE
);
-- One contact has at most one open conversation per connection (rulings 38).
CREATE UNIQUE INDEX conversations_open ON conversations (account_id, contact_id) WHERE status <> 'closed';
CREATE INDEX conversations_contact ON conversations (account_id, contact_id);
CREATE INDEX conversations_recent ON conversations (account_id, project_id, position);

CREATE TABLE messages (
  account_id TEXT NOT NULL,
  id TEXT NOT NULL,
  project_id TEXT NOT NULL,
  conversation_id TEXT NOT NULL,
  contact_id TEXT NOT NULL,
  connection_id TEXT NOT NULL,
  channel TEXT NOT NULL,
  seq BIGINT NOT NULL,
  position BIGINT NOT NULL,
  author_kind TEXT NOT NULL,
  author_id TEXT,
  author_name TEXT,
  kind TEXT NOT NULL,
  content TEXT NOT NULL,
  client_id TEXT,
  external_id TEXT,
  client_count BIGINT NOT NULL,
  delivery_status TEXT,
  delivery_code TEXT,
  delivery_detail TEXT,
  delivery_at BIGINT,
  reply_to TEXT,
  created_at BIGINT NOT NULL,
  edited_at BIGINT,
  PRIMARY KEY (account_id, id),
  FOREIGN KEY (account_id, conversation_id) REFERENCES conversations (account_id, id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX messages_seq ON messages (account_id, conversation_id, seq);
-- One visible effect per client message id (D2). Ids come in order of time, so they stand first: an index that grows at its end
-- costs a page for many messages, one that starts with the author costs a page for each.
CREATE UNIQUE INDEX messages_client_id ON messages (account_id, client_id, author_id) WHERE client_id IS NOT NULL;
CREATE INDEX messages_external ON messages (account_id, connection_id, external_id) WHERE external_id IS NOT NULL;

CREATE TABLE conversation_reads (
  account_id TEXT NOT NULL,
  conversation_id TEXT NOT NULL,
  user_id TEXT NOT NULL,
  seq BIGINT NOT NULL,
  client_count BIGINT NOT NULL,
  PRIMARY KEY (account_id, conversation_id, user_id),
  FOREIGN KEY (account_id, conversation_id) REFERENCES conversations (account_id, id) ON DELETE CASCADE
);

CREATE TABLE deliveries (
  account_id TEXT NOT NULL,
  id TEXT NOT NULL,
  message_id TEXT NOT NULL,
  connection_id TEXT NOT NULL,
  contact_id TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('queued', 'sending', 'done')),
  attempts BIGINT NOT NULL,
  next_at BIGINT NOT NULL,
  lease_until BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (account_id, id),
  FOREIGN KEY (account_id, message_id) REFERENCES messages (account_id, id) ON DELETE CASCADE
);
CREATE INDEX deliveries_due ON deliveries (status, next_at);
CREATE INDEX deliveries_message ON deliveries (account_id, message_id);
CREATE INDEX deliveries_contact ON deliveries (account_id, contact_id, status);

CREATE TABLE delivery_attempts (
  account_id TEXT NOT NULL,
  delivery_id TEXT NOT NULL,
  attempt BIGINT NOT NULL,
  started_at BIGINT NOT NULL,
  ended_at BIGINT,
  outcome TEXT,
  detail TEXT,
  PRIMARY KEY (account_id, delivery_id, attempt),
  FOREIGN KEY (account_id, delivery_id) REFERENCES deliveries (account_id, id) ON DELETE CASCADE
);

-- Provider input, raw, before it is processed (rulings 7): at least once in, once visible (D5).
CREATE TABLE inbound_journal (
  account_id TEXT NOT NULL,
  connection_id TEXT NOT NULL,
  dedupe_key TEXT NOT NULL,
  body TEXT NOT NULL,
  received_at BIGINT NOT NULL,
  PRIMARY KEY (account_id, connection_id, dedupe_key),
  FOREIGN KEY (account_id, connection_id) REFERENCES connections (account_id, id) ON DELETE CASCADE
);
CREATE INDEX inbound_journal_age ON inbound_journal (received_at);

CREATE TABLE jobs (
  account_id TEXT NOT NULL,
  id TEXT NOT NULL,
  kind TEXT NOT NULL,
  order_key TEXT NOT NULL,
  payload TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('waiting', 'running', 'failed')),
  attempts BIGINT NOT NULL,
  run_at BIGINT NOT NULL,
  lease_until BIGINT NOT NULL,
  error TEXT,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (account_id, id)
);
CREATE INDEX jobs_due ON jobs (state, run_at);
CREATE INDEX jobs_order ON jobs (order_key, id);

CREATE TABLE events (
  account_id TEXT NOT NULL,
  position BIGINT NOT NULL,
  project_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  conversation_id TEXT,
  contact_id TEXT,
  seq BIGINT,
  for_client BOOLEAN NOT NULL,
  data TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (account_id, position)
);

CREATE TABLE files (
  account_id TEXT NOT NULL,
  id TEXT NOT NULL,
  project_id TEXT NOT NULL,
  name TEXT NOT NULL,
  mime TEXT NOT NULL,
  size BIGINT NOT NULL,
  width BIGINT,
  height BIGINT,
  owner_id TEXT NOT NULL,
  message_id TEXT,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (account_id, id),
  FOREIGN KEY (account_id, project_id) REFERENCES projects (account_id, id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX files_id ON files (id);

-- Payloads of messenger links that tie a site visitor to the messenger contact (channels.md 1).
CREATE TABLE link_tokens (
  account_id TEXT NOT NULL,
  token TEXT NOT NULL,
  contact_id TEXT NOT NULL,
  expires_at BIGINT NOT NULL,
  PRIMARY KEY (account_id, token),
  FOREIGN KEY (account_id, contact_id) REFERENCES contacts (account_id, id) ON DELETE CASCADE
);

CREATE TABLE idempotency_keys (
  account_id TEXT NOT NULL,
  principal TEXT NOT NULL,
  key TEXT NOT NULL,
  request_hash TEXT NOT NULL,
  status BIGINT NOT NULL,
  response TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (account_id, principal, key)
);
CREATE INDEX idempotency_keys_age ON idempotency_keys (created_at);

-- Long work that a person started and watches; the worker's row in `jobs` has the same id. input, result are JSON.
CREATE TABLE project_jobs (
  account_id TEXT NOT NULL,
  id TEXT NOT NULL,
  project_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('waiting', 'running', 'done', 'failed', 'cancelled')),
  done BIGINT NOT NULL,
  total BIGINT,
  input TEXT NOT NULL,
  result TEXT,
  error TEXT,
  is_cancelled BOOLEAN NOT NULL,
  created_by TEXT,
  created_at BIGINT NOT NULL,
  ended_at BIGINT,
  PRIMARY KEY (account_id, id),
  FOREIGN KEY (account_id, project_id) REFERENCES projects (account_id, id) ON DELETE CASCADE
);

-- Who changed what joins contacts, and what it did. Both sides are whole, so that either can be restored.
CREATE TABLE multi_contact_log (
  account_id TEXT NOT NULL,
  id TEXT NOT NULL,
  project_id TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('rules', 'settings', 'value', 'override', 'undo')),
  state_before TEXT NOT NULL,
  state_after TEXT NOT NULL,
  result TEXT NOT NULL,
  note TEXT,
  created_by TEXT,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (account_id, id),
  FOREIGN KEY (account_id, project_id) REFERENCES projects (account_id, id) ON DELETE CASCADE
);
CREATE INDEX multi_contact_log_project ON multi_contact_log (account_id, project_id, id);

-- Pairs that a rule proposes and an operator refused (rulings 37); a is the smaller id.
CREATE TABLE refused_pairs (
  account_id TEXT NOT NULL,
  a TEXT NOT NULL,
  b TEXT NOT NULL,
  refused_by TEXT,
  refused_at BIGINT NOT NULL,
  PRIMARY KEY (account_id, a, b),
  FOREIGN KEY (account_id, a) REFERENCES contacts (account_id, id) ON DELETE CASCADE,
  FOREIGN KEY (account_id, b) REFERENCES contacts (account_id, id) ON DELETE CASCADE
);

-- What a field of a contact held, and who said so. field_values is a JSON list of texts.
CREATE TABLE value_history (
  account_id TEXT NOT NULL,
  contact_id TEXT NOT NULL,
  field_key TEXT NOT NULL,
  id TEXT NOT NULL,
  what TEXT NOT NULL CHECK (what IN ('set', 'cleared', 'claimed')),
  field_values TEXT NOT NULL,
  source TEXT NOT NULL,
  set_by TEXT,
  set_at BIGINT NOT NULL,
  PRIMARY KEY (account_id, contact_id, field_key, id),
  FOREIGN KEY (account_id, contact_id) REFERENCES contacts (account_id, id) ON DELETE CASCADE
);
