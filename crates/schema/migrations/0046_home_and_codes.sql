-- When each of a project's first steps was seen done, and when somebody put them away (step `hidden`): what has happened stays ticked.
CREATE TABLE first_steps (
  account_id UUID NOT NULL,
  project_id UUID NOT NULL,
  step TEXT NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (account_id, project_id, step),
  FOREIGN KEY (account_id, project_id) REFERENCES projects (account_id, id) ON DELETE CASCADE
);
-- From when on whoever signs in needs a code of the phone beside the password; the owner says so. None: each person's own choice.
ALTER TABLE accounts ADD COLUMN code_needed_from BIGINT;
