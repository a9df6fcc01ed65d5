-- Audiences with a name: mailings and other segments mean them by their id.
CREATE TABLE segments (
  account_id UUID NOT NULL,
  id UUID PRIMARY KEY,
  project_id UUID NOT NULL,
  name TEXT NOT NULL,
  name_key TEXT NOT NULL,
  audience TEXT NOT NULL,
  revision BIGINT NOT NULL,
  changed_by TEXT NOT NULL,
  changed_at BIGINT NOT NULL,
  FOREIGN KEY (account_id, project_id) REFERENCES projects (account_id, id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX segments_name ON segments (project_id, name_key);
-- What a mailing was sent for: when somebody reached it, and until when that is looked for.
ALTER TABLE mailing_recipients ADD COLUMN goal_at BIGINT;
ALTER TABLE mailings ADD COLUMN goal_until BIGINT;
CREATE INDEX mailings_with_goals ON mailings (goal_until) WHERE goal_until IS NOT NULL;
CREATE INDEX mailing_recipients_goal ON mailing_recipients (mailing_id) WHERE goal_at IS NOT NULL;
-- Links of a mailing's texts that somebody opened, each once a person.
CREATE TABLE mailing_clicks (
  account_id UUID NOT NULL,
  mailing_id UUID NOT NULL,
  person_id UUID NOT NULL,
  link BIGINT NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (mailing_id, link, person_id),
  FOREIGN KEY (mailing_id, person_id) REFERENCES mailing_recipients (mailing_id, person_id) ON DELETE CASCADE
);
CREATE INDEX mailing_clicks_of_person ON mailing_clicks (mailing_id, person_id);
