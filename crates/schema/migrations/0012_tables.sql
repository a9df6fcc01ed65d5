-- Portable types only: UUID, TEXT, BIGINT, DOUBLE PRECISION, BOOLEAN. UUID is BLOB on SQLite (the runner says so), an id of 16 bytes. JSON
-- is TEXT that SQL never looks into. Who set or made something may be a user, a key, a client or a channel: that is TEXT with its prefix.
--
-- Every table has account_id, and on PostgreSQL the runner puts row-level security on each (rulings 43). Keys (rulings 75, ADR 16): what
-- belongs to an account's settings and clients is kept under (account, id), and so are foreign keys to it. What every message writes is kept
-- under its id alone, which is unique by itself. An index begins with the account only where rows of an account are asked for in its order.

CREATE TABLE accounts (
  account_id UUID PRIMARY KEY,
  name TEXT NOT NULL,
  created_at BIGINT NOT NULL
);

-- The next event position of an account: taken under this row's lock, so that no reader can pass a later commit (D4).
CREATE TABLE account_positions (
  account_id UUID PRIMARY KEY REFERENCES accounts (account_id) ON DELETE CASCADE,
  position BIGINT NOT NULL,
  oldest_kept BIGINT NOT NULL
);

CREATE TABLE users (
  account_id UUID NOT NULL REFERENCES accounts (account_id) ON DELETE CASCADE,
  id UUID NOT NULL,
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
  account_id UUID NOT NULL,
  id UUID NOT NULL,
  token_hash TEXT NOT NULL,
  user_id UUID NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  PRIMARY KEY (account_id, id),
  FOREIGN KEY (account_id, user_id) REFERENCES users (account_id, id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX sessions_token ON sessions (token_hash);
CREATE INDEX sessions_user ON sessions (account_id, user_id);

CREATE TABLE invitations (
  account_id UUID NOT NULL,
  token_hash TEXT NOT NULL,
  user_id UUID NOT NULL,
  expires_at BIGINT NOT NULL,
  PRIMARY KEY (account_id, token_hash),
  FOREIGN KEY (account_id, user_id) REFERENCES users (account_id, id) ON DELETE CASCADE
);

CREATE TABLE api_keys (
  account_id UUID NOT NULL REFERENCES accounts (account_id) ON DELETE CASCADE,
  id UUID NOT NULL,
  title TEXT NOT NULL,
  key_hash TEXT NOT NULL,
  scopes TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (account_id, id)
);
CREATE UNIQUE INDEX api_keys_hash ON api_keys (key_hash);

CREATE TABLE projects (
  account_id UUID NOT NULL REFERENCES accounts (account_id) ON DELETE CASCADE,
  id UUID NOT NULL,
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
  -- The version of the normaliser that made the project's values (identity::normalise::NORM_VERSION).
  norm_version BIGINT NOT NULL DEFAULT 1,
  PRIMARY KEY (account_id, id)
);
CREATE UNIQUE INDEX projects_site_key ON projects (site_key);

CREATE TABLE project_users (
  account_id UUID NOT NULL,
  project_id UUID NOT NULL,
  user_id UUID NOT NULL,
  PRIMARY KEY (account_id, project_id, user_id),
  FOREIGN KEY (account_id, project_id) REFERENCES projects (account_id, id) ON DELETE CASCADE,
  FOREIGN KEY (account_id, user_id) REFERENCES users (account_id, id) ON DELETE CASCADE
);
CREATE INDEX project_users_user ON project_users (account_id, user_id);

CREATE TABLE connections (
  account_id UUID NOT NULL,
  id UUID NOT NULL,
  project_id UUID NOT NULL,
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
  account_id UUID NOT NULL,
  id UUID NOT NULL,
  project_id UUID NOT NULL,
  connection_id UUID NOT NULL,
  channel TEXT NOT NULL,
  external_id TEXT NOT NULL,
  address TEXT,
  name TEXT,
  handle TEXT NOT NULL,
  tags TEXT NOT NULL,
  search TEXT NOT NULL,
  group_id UUID NOT NULL,
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
  account_id UUID NOT NULL,
  project_id UUID NOT NULL,
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
-- Values of a contact lie side by side: on SQLite the table is its own index (the runner leaves WITHOUT ROWID out on PostgreSQL).
CREATE TABLE field_values (
  account_id UUID NOT NULL,
  contact_id UUID NOT NULL,
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
) WITHOUT ROWID;

CREATE TABLE rules (
  account_id UUID NOT NULL,
  id UUID NOT NULL,
  project_id UUID NOT NULL,
  key TEXT NOT NULL,
  fields TEXT NOT NULL,
  mode TEXT NOT NULL CHECK (mode IN ('at_once', 'suggest')),
  enabled BOOLEAN NOT NULL,
  verified_only BOOLEAN NOT NULL,
  hub_limit BIGINT,
  place BIGINT NOT NULL,
  -- A rule that a job prepares, or puts away: it joins nobody and is not shown. NULL for every other rule.
  staged TEXT CHECK (staged IN ('preparing', 'leaving')),
  -- The id that people know a rule by, when its keys stand under another row since it was edited. NULL: the row's own.
  public_id UUID,
  PRIMARY KEY (account_id, id),
  FOREIGN KEY (account_id, project_id) REFERENCES projects (account_id, id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX rules_key ON rules (account_id, project_id, key);

-- The bipartite graph: one row per contact and key (multi-contacts.md section 3). Keys of contacts are always what their values and the
-- rules give, so they are found by key only: without an index by contact a new rule is written in the order of its keys.
CREATE TABLE rule_keys (
  account_id UUID NOT NULL,
  rule_id UUID NOT NULL,
  key_hash TEXT NOT NULL,
  contact_id UUID NOT NULL,
  key_text TEXT NOT NULL,
  PRIMARY KEY (rule_id, key_hash, contact_id),
  FOREIGN KEY (account_id, rule_id) REFERENCES rules (account_id, id) ON DELETE CASCADE
) WITHOUT ROWID;

CREATE TABLE overrides (
  account_id UUID NOT NULL,
  id UUID NOT NULL,
  project_id UUID NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('link', 'unlink')),
  subject UUID NOT NULL,
  -- JSON.
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
  account_id UUID NOT NULL,
  contact_id UUID NOT NULL,
  override_id UUID NOT NULL,
  PRIMARY KEY (account_id, contact_id, override_id),
  FOREIGN KEY (account_id, override_id) REFERENCES overrides (account_id, id) ON DELETE CASCADE
);

CREATE TABLE value_states (
  account_id UUID NOT NULL,
  project_id UUID NOT NULL,
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
  id UUID PRIMARY KEY,
  account_id UUID NOT NULL,
  project_id UUID NOT NULL,
  contact_id UUID NOT NULL,
  connection_id UUID NOT NULL,
  channel TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('bot', 'new', 'open', 'waiting', 'snoozed', 'closed')),
  assignee_id UUID,
  seq BIGINT NOT NULL,
  last_seq BIGINT NOT NULL,
  client_count BIGINT NOT NULL,
  position BIGINT NOT NULL,
  waiting_since BIGINT,
  client_read_seq BIGINT NOT NULL,
  demo BOOLEAN NOT NULL,
  created_at BIGINT NOT NULL,
  closed_at BIGINT,
  FOREIGN KEY (account_id, contact_id) REFERENCES contacts (account_id, id) ON DELETE CASCADE
);
-- One contact has at most one open conversation per connection (rulings 38).
CREATE UNIQUE INDEX conversations_open ON conversations (contact_id) WHERE status <> 'closed';
CREATE INDEX conversations_contact ON conversations (contact_id);
CREATE INDEX conversations_recent ON conversations (project_id, position);

-- Project, contact, connection and channel are the conversation's. author_kind says `key` for a program that speaks as an operator: with
-- author_id it is the author's whole id.
CREATE TABLE messages (
  id UUID PRIMARY KEY,
  account_id UUID NOT NULL,
  conversation_id UUID NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
  seq BIGINT NOT NULL,
  position BIGINT NOT NULL,
  author_kind TEXT NOT NULL,
  author_id UUID,
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
  reply_to UUID,
  created_at BIGINT NOT NULL,
  edited_at BIGINT
);
CREATE UNIQUE INDEX messages_seq ON messages (conversation_id, seq);
-- One visible effect per client message id (D2). Ids come in order of time, so they stand first: an index that grows at its end
-- costs a page for many messages, one that starts with the author costs a page for each.
CREATE UNIQUE INDEX messages_client_id ON messages (client_id, author_id) WHERE client_id IS NOT NULL;
CREATE INDEX messages_external ON messages (conversation_id, external_id) WHERE external_id IS NOT NULL;

CREATE TABLE conversation_reads (
  account_id UUID NOT NULL,
  conversation_id UUID NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
  user_id UUID NOT NULL,
  seq BIGINT NOT NULL,
  client_count BIGINT NOT NULL,
  PRIMARY KEY (conversation_id, user_id)
);

CREATE TABLE deliveries (
  id UUID PRIMARY KEY,
  account_id UUID NOT NULL,
  message_id UUID NOT NULL REFERENCES messages (id) ON DELETE CASCADE,
  connection_id UUID NOT NULL,
  contact_id UUID NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('queued', 'sending', 'done')),
  attempts BIGINT NOT NULL,
  next_at BIGINT NOT NULL,
  lease_until BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  -- Lanes (rulings 64): 0 people, 1 bots, 2 mailings.
  lane BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX deliveries_due ON deliveries (status, lane, next_at);
CREATE INDEX deliveries_lower ON deliveries (connection_id, lane, next_at) WHERE status = 'queued' AND lane > 0;
CREATE INDEX deliveries_message ON deliveries (message_id);
CREATE INDEX deliveries_contact ON deliveries (contact_id, status);

CREATE TABLE delivery_attempts (
  account_id UUID NOT NULL,
  delivery_id UUID NOT NULL REFERENCES deliveries (id) ON DELETE CASCADE,
  attempt BIGINT NOT NULL,
  started_at BIGINT NOT NULL,
  ended_at BIGINT,
  outcome TEXT,
  detail TEXT,
  PRIMARY KEY (delivery_id, attempt)
);

-- Provider input, raw, before it is processed (rulings 7): at least once in, once visible (D5).
CREATE TABLE inbound_journal (
  account_id UUID NOT NULL,
  connection_id UUID NOT NULL,
  dedupe_key TEXT NOT NULL,
  body TEXT NOT NULL,
  received_at BIGINT NOT NULL,
  PRIMARY KEY (connection_id, dedupe_key),
  FOREIGN KEY (account_id, connection_id) REFERENCES connections (account_id, id) ON DELETE CASCADE
);
CREATE INDEX inbound_journal_age ON inbound_journal (received_at);

-- Timers are jobs with a key: a newer timer of the same key takes the place of the older one.
CREATE TABLE jobs (
  id UUID PRIMARY KEY,
  account_id UUID NOT NULL,
  kind TEXT NOT NULL,
  order_key TEXT NOT NULL,
  payload TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('waiting', 'running', 'failed')),
  attempts BIGINT NOT NULL,
  run_at BIGINT NOT NULL,
  lease_until BIGINT NOT NULL,
  error TEXT,
  created_at BIGINT NOT NULL,
  timer_key TEXT
);
CREATE INDEX jobs_due ON jobs (state, run_at);
CREATE INDEX jobs_order ON jobs (order_key, id);
CREATE UNIQUE INDEX jobs_timer ON jobs (account_id, kind, timer_key) WHERE timer_key IS NOT NULL;

-- data is JSON; NULL where the event names a message by its conversation and seq: what is told of it is made when it is read.
CREATE TABLE events (
  account_id UUID NOT NULL,
  position BIGINT NOT NULL,
  project_id UUID NOT NULL,
  kind TEXT NOT NULL,
  conversation_id UUID,
  contact_id UUID,
  seq BIGINT,
  for_client BOOLEAN NOT NULL,
  data TEXT,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (account_id, position)
);

-- owner_id is a user, a key, or what a visitor of the site is known by.
CREATE TABLE files (
  id UUID PRIMARY KEY,
  account_id UUID NOT NULL,
  project_id UUID NOT NULL,
  name TEXT NOT NULL,
  mime TEXT NOT NULL,
  size BIGINT NOT NULL,
  width BIGINT,
  height BIGINT,
  owner_id TEXT NOT NULL,
  message_id UUID,
  created_at BIGINT NOT NULL,
  FOREIGN KEY (account_id, project_id) REFERENCES projects (account_id, id) ON DELETE CASCADE
);

-- Payloads of messenger links that tie a site visitor to the messenger contact (channels.md 1).
CREATE TABLE link_tokens (
  account_id UUID NOT NULL,
  token TEXT NOT NULL,
  contact_id UUID NOT NULL,
  expires_at BIGINT NOT NULL,
  PRIMARY KEY (account_id, token),
  FOREIGN KEY (account_id, contact_id) REFERENCES contacts (account_id, id) ON DELETE CASCADE
);

CREATE TABLE idempotency_keys (
  account_id UUID NOT NULL,
  -- A user or a key.
  principal UUID NOT NULL,
  key TEXT NOT NULL,
  request_hash TEXT NOT NULL,
  status BIGINT NOT NULL,
  response TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (principal, key)
);
CREATE INDEX idempotency_keys_age ON idempotency_keys (created_at);

-- Long work that a person started and watches; the worker's row in `jobs` has the same id. input, result are JSON. A failed job says why
-- by a stable word, too.
CREATE TABLE project_jobs (
  account_id UUID NOT NULL,
  id UUID NOT NULL,
  project_id UUID NOT NULL,
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
  error_code TEXT,
  PRIMARY KEY (account_id, id),
  FOREIGN KEY (account_id, project_id) REFERENCES projects (account_id, id) ON DELETE CASCADE
);

-- Who changed what joins contacts, and what it did. Both sides are whole, so that either can be restored.
CREATE TABLE multi_contact_log (
  account_id UUID NOT NULL,
  id UUID NOT NULL,
  project_id UUID NOT NULL,
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
  account_id UUID NOT NULL,
  a UUID NOT NULL,
  b UUID NOT NULL,
  refused_by TEXT,
  refused_at BIGINT NOT NULL,
  PRIMARY KEY (account_id, a, b),
  FOREIGN KEY (account_id, a) REFERENCES contacts (account_id, id) ON DELETE CASCADE,
  FOREIGN KEY (account_id, b) REFERENCES contacts (account_id, id) ON DELETE CASCADE
);

-- What a field of a contact held, and who said so. field_values is a JSON list of texts. A claim beside a value that stands is a line that
-- never was the value (rulings 35): not taken. kept_at: what a field held is forgotten a year after it was replaced.
CREATE TABLE value_history (
  account_id UUID NOT NULL,
  contact_id UUID NOT NULL,
  field_key TEXT NOT NULL,
  id UUID NOT NULL,
  what TEXT NOT NULL CHECK (what IN ('set', 'cleared', 'claimed')),
  field_values TEXT NOT NULL,
  source TEXT NOT NULL,
  set_by TEXT,
  set_at BIGINT NOT NULL,
  taken BOOLEAN NOT NULL DEFAULT TRUE,
  kept_at BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (account_id, contact_id, field_key, id),
  FOREIGN KEY (account_id, contact_id) REFERENCES contacts (account_id, id) ON DELETE CASCADE
);
CREATE INDEX value_history_by_age ON value_history (account_id, kept_at);

-- A project whose rules are being applied in steps. epoch changes when everything was computed anew meanwhile.
CREATE TABLE regroupings (
  account_id UUID NOT NULL,
  project_id UUID NOT NULL,
  job_id UUID NOT NULL,
  epoch BIGINT NOT NULL,
  PRIMARY KEY (account_id, project_id),
  FOREIGN KEY (account_id, project_id) REFERENCES projects (account_id, id) ON DELETE CASCADE
);

-- Contacts that live traffic brought up to date meanwhile: the job leaves them alone.
CREATE TABLE regrouped_contacts (
  account_id UUID NOT NULL,
  project_id UUID NOT NULL,
  contact_id UUID NOT NULL,
  PRIMARY KEY (account_id, project_id, contact_id),
  FOREIGN KEY (account_id, project_id) REFERENCES regroupings (account_id, project_id) ON DELETE CASCADE
);

-- Ids of multi-contacts that are no more: each leads to the group of its oldest member (multi-contacts.md section 4).
CREATE TABLE retired_groups (
  account_id UUID NOT NULL,
  project_id UUID NOT NULL,
  id UUID NOT NULL,
  contact_id UUID NOT NULL,
  PRIMARY KEY (account_id, id),
  FOREIGN KEY (account_id, project_id) REFERENCES projects (account_id, id) ON DELETE CASCADE
) WITHOUT ROWID;

-- Contacts of raw components in which the size guard or an unlink has a say (identity::partition::guarded). Everybody else's group is a
-- whole raw component, so newcomers can join it without a look at its keys. A mark too many only costs a look.
CREATE TABLE guarded_contacts (
  account_id UUID NOT NULL,
  contact_id UUID NOT NULL,
  project_id UUID NOT NULL,
  PRIMARY KEY (account_id, contact_id),
  FOREIGN KEY (account_id, contact_id) REFERENCES contacts (account_id, id) ON DELETE CASCADE
) WITHOUT ROWID;

-- Fields that were deleted, with the values they held: a field can be brought back with them.
CREATE TABLE archived_fields (
  account_id UUID NOT NULL,
  project_id UUID NOT NULL,
  key TEXT NOT NULL,
  field TEXT NOT NULL,
  archived_at BIGINT NOT NULL,
  PRIMARY KEY (account_id, project_id, key),
  FOREIGN KEY (account_id, project_id) REFERENCES projects (account_id, id) ON DELETE CASCADE
);

CREATE TABLE archived_values (
  account_id UUID NOT NULL,
  contact_id UUID NOT NULL,
  field_key TEXT NOT NULL,
  place BIGINT NOT NULL,
  value TEXT NOT NULL,
  verified BOOLEAN NOT NULL,
  source TEXT NOT NULL,
  set_by TEXT,
  set_at BIGINT NOT NULL,
  PRIMARY KEY (account_id, contact_id, field_key, place),
  FOREIGN KEY (account_id, contact_id) REFERENCES contacts (account_id, id) ON DELETE CASCADE
);
