-- Mailings (R34, R39-R45, ADR 30): what is to be sent to whom is one document.
CREATE TABLE mailings (
  account_id UUID NOT NULL,
  id UUID PRIMARY KEY,
  project_id UUID NOT NULL,
  document TEXT NOT NULL,
  revision BIGINT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('draft', 'scheduled', 'preparing', 'running', 'paused', 'stopping', 'done', 'stopped', 'failed')),
  held TEXT,
  scenario_id UUID,
  starts_at BIGINT,
  prepared_to UUID,
  contacts BIGINT NOT NULL DEFAULT 0,
  created_at BIGINT NOT NULL,
  created_by TEXT,
  changed_at BIGINT NOT NULL,
  started_at BIGINT,
  ended_at BIGINT,
  demo BOOLEAN NOT NULL DEFAULT FALSE,
  FOREIGN KEY (account_id, project_id) REFERENCES projects (account_id, id) ON DELETE CASCADE
);
CREATE INDEX mailings_of_project ON mailings (project_id, id);
-- What there is to do, over all accounts.
CREATE INDEX mailings_at_work ON mailings (state) WHERE state IN ('scheduled', 'preparing', 'running', 'paused', 'stopping');
-- The ledger: one row a person and run, so nobody is written to twice (D9). It outlives the contact, of which it holds only the id.
CREATE TABLE mailing_recipients (
  account_id UUID NOT NULL,
  mailing_id UUID NOT NULL REFERENCES mailings (id) ON DELETE CASCADE,
  person_id UUID NOT NULL,
  contact_id UUID NOT NULL,
  connection_id UUID NOT NULL,
  channel TEXT NOT NULL,
  address UUID,
  others TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('queued', 'sending', 'sent', 'delivered', 'read', 'failed', 'unknown', 'skipped')),
  reason TEXT NOT NULL,
  zone TEXT NOT NULL,
  due_at BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  claimed_at BIGINT,
  sent_at BIGINT,
  state_at BIGINT NOT NULL,
  message_id UUID,
  conversation_id UUID,
  run_id UUID,
  answered_at BIGINT,
  clicked_at BIGINT,
  PRIMARY KEY (mailing_id, person_id)
);
-- An address is written to once a run, whoever it is said to be.
CREATE UNIQUE INDEX mailing_recipients_address ON mailing_recipients (mailing_id, address) WHERE address IS NOT NULL;
-- What is due on a connection.
CREATE INDEX mailing_recipients_due ON mailing_recipients (mailing_id, connection_id, due_at) WHERE state = 'queued';
-- The numbers of the report, read from the index alone.
CREATE INDEX mailing_recipients_numbers ON mailing_recipients (mailing_id, state, reason, channel, answered_at, clicked_at);
-- Whose message it was, when its delivery goes on.
CREATE INDEX mailing_recipients_message ON mailing_recipients (message_id) WHERE message_id IS NOT NULL;
-- What a person has had: for the cap, stop words and answers.
CREATE INDEX mailing_recipients_claimed ON mailing_recipients (contact_id, claimed_at) WHERE claimed_at IS NOT NULL;
-- Tries before the start, which are in no report.
CREATE TABLE mailing_tests (
  account_id UUID NOT NULL,
  mailing_id UUID NOT NULL REFERENCES mailings (id) ON DELETE CASCADE,
  contact_id UUID NOT NULL,
  message_id UUID,
  code TEXT,
  detail TEXT,
  sent_at BIGINT NOT NULL,
  PRIMARY KEY (mailing_id, contact_id)
);
-- How far the log was followed for what became of mailings.
CREATE TABLE mailing_follows (
  account_id UUID PRIMARY KEY,
  position BIGINT NOT NULL
);
-- Words by which a client takes no more mailings, and how far that reaches; without a row those of the program.
CREATE TABLE mailing_settings (
  account_id UUID NOT NULL,
  project_id UUID PRIMARY KEY,
  stop_words TEXT NOT NULL,
  scope TEXT NOT NULL CHECK (scope IN ('person', 'channel')),
  version BIGINT NOT NULL,
  FOREIGN KEY (account_id, project_id) REFERENCES projects (account_id, id) ON DELETE CASCADE
);
-- Contacts that want no mailings: who said so, and when.
CREATE TABLE opt_outs (
  account_id UUID NOT NULL,
  contact_id UUID NOT NULL,
  source TEXT NOT NULL CHECK (source IN ('stop_word', 'link', 'operator', 'api', 'channel')),
  at BIGINT NOT NULL,
  said_by TEXT,
  PRIMARY KEY (account_id, contact_id),
  FOREIGN KEY (account_id, contact_id) REFERENCES contacts (account_id, id) ON DELETE CASCADE
);
