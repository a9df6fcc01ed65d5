-- Fields that were deleted, with the values they held: a field can be brought back with them.
CREATE TABLE archived_fields (
  account_id TEXT NOT NULL,
  project_id TEXT NOT NULL,
  key TEXT NOT NULL,
  field TEXT NOT NULL,
  archived_at BIGINT NOT NULL,
  PRIMARY KEY (account_id, project_id, key),
  FOREIGN KEY (account_id, project_id) REFERENCES projects (account_id, id) ON DELETE CASCADE
);
CREATE TABLE archived_values (
  account_id TEXT NOT NULL,
  contact_id TEXT NOT NULL,
  field_key TEXT NOT NULL,
  place BIGINT NOT NULL,
  value TEXT NOT NULL,
  verified BOOLEAN NOT NULL,
  source TEXT NOT NULL,
  set_by TEXT,
  set_at BIGINT NOT NULL,
  PRIMARY KEY (account_id, contact_id, field_key, place),
  FOREIGN KEY (account_id, contact_id) REFERENCES contacts (account_id, id) ON DELETE CASCADE
);
