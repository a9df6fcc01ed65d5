-- Scenarios (R17-R44): what their editors save, what was published, and what runs.
CREATE TABLE scenarios (
  account_id UUID NOT NULL,
  id UUID PRIMARY KEY,
  project_id UUID NOT NULL,
  name TEXT NOT NULL,
  document TEXT NOT NULL,
  revision BIGINT NOT NULL,
  saved_at BIGINT NOT NULL,
  saved_by UUID,
  errors BIGINT NOT NULL,
  warnings BIGINT NOT NULL,
  version BIGINT NOT NULL,
  published_at BIGINT,
  created_at BIGINT NOT NULL,
  deleted_at BIGINT,
  demo BOOLEAN NOT NULL,
  FOREIGN KEY (account_id, project_id) REFERENCES projects (account_id, id) ON DELETE CASCADE
);
CREATE INDEX scenarios_of_project ON scenarios (project_id);
-- Versions never change. A negative number is a draft that a test user tried: minus its revision.
CREATE TABLE scenario_versions (
  account_id UUID NOT NULL,
  scenario_id UUID NOT NULL REFERENCES scenarios (id) ON DELETE CASCADE,
  version BIGINT NOT NULL,
  document TEXT NOT NULL,
  made_at BIGINT NOT NULL,
  made_by UUID,
  PRIMARY KEY (scenario_id, version)
);
-- What of the newest versions a message is asked for: keywords, the first message. Read by account, once for many messages.
CREATE TABLE scenario_launches (
  account_id UUID NOT NULL,
  scenario_id UUID NOT NULL REFERENCES scenarios (id) ON DELETE CASCADE,
  number BIGINT NOT NULL,
  project_id UUID NOT NULL,
  launch TEXT NOT NULL,
  PRIMARY KEY (scenario_id, number)
);
CREATE INDEX scenario_launches_of_account ON scenario_launches (account_id);
CREATE TABLE scenario_runs (
  account_id UUID NOT NULL,
  id UUID PRIMARY KEY,
  project_id UUID NOT NULL,
  scenario_id UUID NOT NULL REFERENCES scenarios (id) ON DELETE CASCADE,
  version BIGINT NOT NULL,
  conversation_id UUID NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
  contact_id UUID NOT NULL,
  connection_id UUID NOT NULL,
  launch TEXT NOT NULL,
  source TEXT NOT NULL,
  is_test BOOLEAN NOT NULL,
  state TEXT NOT NULL,
  block TEXT,
  timer_at BIGINT,
  client_said BOOLEAN NOT NULL,
  day BIGINT NOT NULL,
  started_at BIGINT NOT NULL,
  changed_at BIGINT NOT NULL,
  ended_at BIGINT,
  reason TEXT
);
-- A client has one run at a time.
CREATE UNIQUE INDEX scenario_runs_alive ON scenario_runs (contact_id) WHERE ended_at IS NULL;
CREATE INDEX scenario_runs_of_conversation ON scenario_runs (conversation_id);
CREATE INDEX scenario_runs_of_scenario ON scenario_runs (scenario_id, started_at);
-- The trace: a row a visit of a block. The people behind each number of the report are read from here.
CREATE TABLE scenario_visits (
  account_id UUID NOT NULL,
  run_id UUID NOT NULL REFERENCES scenario_runs (id) ON DELETE CASCADE,
  visit BIGINT NOT NULL,
  scenario_id UUID NOT NULL,
  version BIGINT NOT NULL,
  block TEXT NOT NULL,
  entered_at BIGINT NOT NULL,
  left_at BIGINT,
  exit TEXT,
  incorrect BIGINT NOT NULL,
  answer TEXT,
  message_id UUID,
  PRIMARY KEY (run_id, visit)
) WITHOUT ROWID;
CREATE INDEX scenario_visits_of_block ON scenario_visits (scenario_id, block, entered_at);
CREATE INDEX scenario_visits_of_message ON scenario_visits (message_id) WHERE message_id IS NOT NULL;
-- The trace rolled up by the day its runs began: the numbers of the report. Written with the trace, never read back from it.
CREATE TABLE scenario_counts (
  account_id UUID NOT NULL,
  scenario_id UUID NOT NULL,
  day BIGINT NOT NULL,
  version BIGINT NOT NULL,
  launch TEXT NOT NULL,
  source TEXT NOT NULL,
  connection_id UUID NOT NULL,
  block TEXT NOT NULL,
  what TEXT NOT NULL,
  n BIGINT NOT NULL,
  PRIMARY KEY (scenario_id, day, version, launch, source, connection_id, block, what)
) WITHOUT ROWID;
-- The run that has a conversation: a message there is not only counted.
ALTER TABLE conversations ADD COLUMN run_id UUID;
-- Clients with whom drafts are tried (R36-R38); three of a project at most.
CREATE TABLE test_users (
  account_id UUID NOT NULL,
  project_id UUID NOT NULL,
  contact_id UUID NOT NULL,
  added_at BIGINT NOT NULL,
  PRIMARY KEY (project_id, contact_id),
  FOREIGN KEY (account_id, contact_id) REFERENCES contacts (account_id, id) ON DELETE CASCADE
);
CREATE INDEX test_users_of_contact ON test_users (contact_id);
-- What an account has paid for (R58-R64). Without a row everything is on: the default of an installation of one's own.
CREATE TABLE licences (
  account_id UUID PRIMARY KEY,
  seats BIGINT,
  period_from BIGINT,
  period_to BIGINT,
  premium BOOLEAN NOT NULL,
  grace_until BIGINT
);
-- Who switched what, and when.
CREATE TABLE licence_changes (
  account_id UUID NOT NULL,
  number BIGINT NOT NULL,
  at BIGINT NOT NULL,
  actor TEXT NOT NULL,
  what TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (account_id, number)
);
