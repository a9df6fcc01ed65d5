-- Ids of multi-contacts that are no more: each leads to the group of its oldest member (multi-contacts.md section 4).
CREATE TABLE retired_groups (
  account_id TEXT NOT NULL,
  project_id TEXT NOT NULL,
  id TEXT NOT NULL,
  contact_id TEXT NOT NULL,
  PRIMARY KEY (account_id, id),
  FOREIGN KEY (account_id, project_id) REFERENCES projects (account_id, id) ON DELETE CASCADE
) WITHOUT ROWID;
