-- Reports (ADR 37). A session is a conversation from its first word until it is closed; what is written after begins another.
CREATE TABLE report_sessions (
  id UUID PRIMARY KEY,
  account_id UUID NOT NULL,
  project_id UUID NOT NULL,
  -- Gone with an erased client: what was counted stays counted, and leads nowhere.
  conversation_id UUID REFERENCES conversations (id) ON DELETE SET NULL,
  -- Its first place in the thread, and how far that was read.
  first_seq BIGINT NOT NULL,
  seen_seq BIGINT NOT NULL,
  began_at BIGINT NOT NULL,
  -- The day and the hour of the project's zone then; days are counted from 1970.
  day BIGINT NOT NULL,
  hour BIGINT NOT NULL,
  channel TEXT NOT NULL,
  connection_id UUID NOT NULL,
  operator_id UUID,
  department_id UUID,
  scenario_id UUID,
  page TEXT NOT NULL,
  with_bot BOOLEAN NOT NULL,
  -- When people were asked, until when an answer is in time, and the first answer of a person.
  asked_at BIGINT,
  due_at BIGINT,
  answered_at BIGINT,
  answered_by UUID,
  client_messages BIGINT NOT NULL,
  people_messages BIGINT NOT NULL,
  bot_messages BIGINT NOT NULL,
  closed_at BIGINT,
  score BIGINT,
  missed TEXT CHECK (missed IN ('late', 'closed', 'unanswered')),
  FOREIGN KEY (account_id, project_id) REFERENCES projects (account_id, id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX report_sessions_place ON report_sessions (conversation_id, first_seq);
CREATE INDEX report_sessions_day ON report_sessions (account_id, project_id, day, began_at, id);
-- Who waits for an answer that is not late yet.
CREATE INDEX report_sessions_due ON report_sessions (account_id, due_at) WHERE due_at IS NOT NULL AND answered_at IS NULL AND closed_at IS NULL AND missed IS NULL;

-- Sums for each value of each split: of all sessions by the hour (split 'all'), of the others by the day and, under its first day, by the month (hour -1).
CREATE TABLE report_sums (
  account_id UUID NOT NULL,
  project_id UUID NOT NULL,
  split TEXT NOT NULL CHECK (split IN ('all', 'operator', 'department', 'channel', 'page', 'scenario',
    'operator.month', 'department.month', 'channel.month', 'page.month', 'scenario.month')),
  day BIGINT NOT NULL,
  hour BIGINT NOT NULL,
  -- Of whom or what: an id as the API writes it, an address; empty for nobody and nothing.
  key TEXT NOT NULL,
  sessions BIGINT NOT NULL,
  asked BIGINT NOT NULL,
  answered BIGINT NOT NULL,
  missed BIGINT NOT NULL,
  answer_seconds BIGINT NOT NULL,
  closed BIGINT NOT NULL,
  duration_seconds BIGINT NOT NULL,
  client_messages BIGINT NOT NULL,
  people_messages BIGINT NOT NULL,
  bot_messages BIGINT NOT NULL,
  rated BIGINT NOT NULL,
  score BIGINT NOT NULL,
  -- How many were answered, and closed, within which power of two of seconds.
  a0 BIGINT NOT NULL, a1 BIGINT NOT NULL, a2 BIGINT NOT NULL, a3 BIGINT NOT NULL, a4 BIGINT NOT NULL, a5 BIGINT NOT NULL, a6 BIGINT NOT NULL, a7 BIGINT NOT NULL, a8 BIGINT NOT NULL, a9 BIGINT NOT NULL, a10 BIGINT NOT NULL, a11 BIGINT NOT NULL, a12 BIGINT NOT NULL, a13 BIGINT NOT NULL, a14 BIGINT NOT NULL, a15 BIGINT NOT NULL,
  d0 BIGINT NOT NULL, d1 BIGINT NOT NULL, d2 BIGINT NOT NULL, d3 BIGINT NOT NULL, d4 BIGINT NOT NULL, d5 BIGINT NOT NULL, d6 BIGINT NOT NULL, d7 BIGINT NOT NULL, d8 BIGINT NOT NULL, d9 BIGINT NOT NULL, d10 BIGINT NOT NULL, d11 BIGINT NOT NULL, d12 BIGINT NOT NULL, d13 BIGINT NOT NULL, d14 BIGINT NOT NULL, d15 BIGINT NOT NULL,
  PRIMARY KEY (account_id, project_id, split, day, hour, key),
  FOREIGN KEY (account_id, project_id) REFERENCES projects (account_id, id) ON DELETE CASCADE
) WITHOUT ROWID;

-- How far the log of an account was followed, and how far its older conversations were walked through; walked_to is NULL when all were.
CREATE TABLE report_follows (
  account_id UUID PRIMARY KEY REFERENCES accounts (account_id) ON DELETE CASCADE,
  position BIGINT NOT NULL,
  walked_to UUID,
  -- Rises with every step, so that of two who took the same one the second does nothing.
  turn BIGINT NOT NULL
);

-- After how many minutes an answer is late; 10 without a row.
CREATE TABLE report_settings (
  account_id UUID NOT NULL,
  project_id UUID NOT NULL,
  missed_minutes BIGINT NOT NULL,
  PRIMARY KEY (account_id, project_id),
  FOREIGN KEY (account_id, project_id) REFERENCES projects (account_id, id) ON DELETE CASCADE
);
