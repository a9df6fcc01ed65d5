-- Menu buttons of a site (R31, R69-R72): what each shows and does is one document.
CREATE TABLE menu_buttons (
  account_id UUID NOT NULL,
  id UUID PRIMARY KEY,
  project_id UUID NOT NULL,
  place BIGINT NOT NULL,
  document TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  FOREIGN KEY (account_id, project_id) REFERENCES projects (account_id, id) ON DELETE CASCADE
);
CREATE INDEX menu_buttons_of_project ON menu_buttons (project_id);
-- Hours of buttons and auto-actions are the project's.
ALTER TABLE projects ADD COLUMN time_zone TEXT NOT NULL DEFAULT 'Europe/Moscow';
-- A file that is kept without a message: `menu` for pictures that every visitor of the site sees, `scenario` for what bots send.
ALTER TABLE files ADD COLUMN kept TEXT;
-- A row of a message that shares the bytes of a kept file.
ALTER TABLE files ADD COLUMN bytes_of UUID;
CREATE INDEX files_sharing ON files (bytes_of) WHERE bytes_of IS NOT NULL;
