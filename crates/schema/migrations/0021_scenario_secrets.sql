-- What requests of scenarios prove themselves with: sealed, each for the hosts it was given for.
CREATE TABLE scenario_secrets (
  account_id UUID NOT NULL,
  id UUID PRIMARY KEY,
  project_id UUID NOT NULL,
  name TEXT NOT NULL,
  hosts TEXT NOT NULL,
  value TEXT NOT NULL,
  changed_at BIGINT NOT NULL,
  FOREIGN KEY (account_id, project_id) REFERENCES projects (account_id, id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX scenario_secrets_name ON scenario_secrets (project_id, name);
