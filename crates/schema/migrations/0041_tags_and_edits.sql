-- The project's list of tags. A client's tags are words (contacts.tags): the list gives them a colour, an order and one way of writing.
CREATE TABLE project_tags (
  account_id UUID NOT NULL,
  id UUID PRIMARY KEY,
  project_id UUID NOT NULL,
  name TEXT NOT NULL,
  name_key TEXT NOT NULL,
  colour TEXT NOT NULL,
  place BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  FOREIGN KEY (account_id, project_id) REFERENCES projects (account_id, id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX project_tags_name ON project_tags (project_id, name_key);
-- Whether an operator may give a client a tag that is not in the list.
ALTER TABLE projects ADD COLUMN free_tags BOOLEAN NOT NULL DEFAULT TRUE;
-- Keys that a person has given commands of the desk, and whether single keys act.
ALTER TABLE users ADD COLUMN shortcuts TEXT NOT NULL DEFAULT '{}';
