-- Departments (ADR 33): queues of a project with people and hours of their own.
CREATE TABLE departments (
  account_id UUID NOT NULL,
  id UUID NOT NULL,
  project_id UUID NOT NULL,
  name TEXT NOT NULL,
  -- The name as it is compared: two of a project are never called alike.
  name_key TEXT NOT NULL,
  -- Spans of a week as JSON; an empty list is always.
  hours TEXT NOT NULL,
  place BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (account_id, id),
  FOREIGN KEY (account_id, project_id) REFERENCES projects (account_id, id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX departments_name ON departments (account_id, project_id, name_key);

-- Who works in one. Whoever left the project stays here and counts for nothing until he is back.
CREATE TABLE department_users (
  account_id UUID NOT NULL,
  department_id UUID NOT NULL,
  user_id UUID NOT NULL,
  PRIMARY KEY (account_id, department_id, user_id),
  FOREIGN KEY (account_id, department_id) REFERENCES departments (account_id, id) ON DELETE CASCADE,
  FOREIGN KEY (account_id, user_id) REFERENCES users (account_id, id) ON DELETE CASCADE
);
CREATE INDEX department_users_user ON department_users (account_id, user_id);

ALTER TABLE conversations ADD COLUMN department_id UUID;
-- The list of one department, and what becomes free when it is deleted.
CREATE INDEX conversations_department ON conversations (department_id, position) WHERE department_id IS NOT NULL;

-- What a colleague says of himself.
ALTER TABLE users ADD COLUMN availability TEXT NOT NULL DEFAULT 'available' CHECK (availability IN ('available', 'busy', 'away'));

-- How a project gives out what is nobody's; without a row, everybody takes for himself.
CREATE TABLE routing (
  account_id UUID NOT NULL,
  project_id UUID NOT NULL,
  document TEXT NOT NULL,
  -- There is something to do: the one thing that is looked at while nobody routes.
  active BOOLEAN NOT NULL,
  PRIMARY KEY (account_id, project_id),
  FOREIGN KEY (account_id, project_id) REFERENCES projects (account_id, id) ON DELETE CASCADE
);
CREATE INDEX routing_active ON routing (account_id, project_id) WHERE active;

-- How much one of a project's people is given, and when last.
CREATE TABLE routing_users (
  account_id UUID NOT NULL,
  project_id UUID NOT NULL,
  user_id UUID NOT NULL,
  max_open BIGINT,
  last_given_at BIGINT,
  PRIMARY KEY (account_id, project_id, user_id),
  FOREIGN KEY (account_id, project_id) REFERENCES projects (account_id, id) ON DELETE CASCADE,
  FOREIGN KEY (account_id, user_id) REFERENCES users (account_id, id) ON DELETE CASCADE
);
CREATE INDEX routing_users_user ON routing_users (account_id, user_id);

-- A conversation on its way to somebody: who was asked, who has it to answer, and since when.
CREATE TABLE routed_conversations (
  conversation_id UUID PRIMARY KEY REFERENCES conversations (id) ON DELETE CASCADE,
  account_id UUID NOT NULL,
  -- Ids of users as a JSON list.
  asked TEXT NOT NULL,
  given_to UUID,
  given_at BIGINT,
  -- The rules by department have had their say.
  sorted BOOLEAN NOT NULL,
  -- Everybody was asked, and the thread says so.
  exhausted BOOLEAN NOT NULL
);
CREATE INDEX routed_conversations_given ON routed_conversations (account_id, given_at) WHERE given_to IS NOT NULL;
