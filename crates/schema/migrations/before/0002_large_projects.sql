-- Values of a contact lie side by side, and so do holders of a key: on SQLite the table is its own index (the runner leaves WITHOUT
-- ROWID out on PostgreSQL).
CREATE TABLE field_values_by_contact (
  account_id TEXT NOT NULL,
  contact_id TEXT NOT NULL,
  field_key TEXT NOT NULL,
  place BIGINT NOT NULL,
  value TEXT NOT NULL,
  norm TEXT,
  unusable TEXT,
  verified BOOLEAN NOT NULL,
  source TEXT NOT NULL,
  set_by TEXT,
  set_at BIGINT NOT NULL,
  PRIMARY KEY (account_id, contact_id, field_key, place),
  FOREIGN KEY (account_id, contact_id) REFERENCES contacts (account_id, id) ON DELETE CASCADE
) WITHOUT ROWID;
INSERT INTO field_values_by_contact (account_id, contact_id, field_key, place, value, norm, unusable, verified, source, set_by, set_at)
  SELECT account_id, contact_id, field_key, place, value, norm, unusable, verified, source, set_by, set_at FROM field_values
  ORDER BY account_id, contact_id, field_key, place;
DROP TABLE field_values;
ALTER TABLE field_values_by_contact RENAME TO field_values;

-- Keys of contacts are always what their values and the rules give, so they are found by key only: without an index by contact a new
-- rule is written in the order of its keys, page after page.
CREATE TABLE rule_keys_by_hash (
  account_id TEXT NOT NULL,
  rule_id TEXT NOT NULL,
  key_hash TEXT NOT NULL,
  contact_id TEXT NOT NULL,
  key_text TEXT NOT NULL,
  PRIMARY KEY (account_id, rule_id, key_hash, contact_id),
  FOREIGN KEY (account_id, rule_id) REFERENCES rules (account_id, id) ON DELETE CASCADE
) WITHOUT ROWID;
INSERT INTO rule_keys_by_hash (account_id, rule_id, key_hash, contact_id, key_text)
  SELECT account_id, rule_id, key_hash, contact_id, key_text FROM rule_keys ORDER BY account_id, rule_id, key_hash, contact_id;
DROP TABLE rule_keys;
ALTER TABLE rule_keys_by_hash RENAME TO rule_keys;

-- A rule that a job prepares, or puts away: it joins nobody and is not shown. NULL for every other rule.
ALTER TABLE rules ADD COLUMN staged TEXT CHECK (staged IN ('preparing', 'leaving'));

-- A project whose rules are being applied in steps. epoch changes when everything was computed anew meanwhile.
CREATE TABLE regroupings (
  account_id TEXT NOT NULL,
  project_id TEXT NOT NULL,
  job_id TEXT NOT NULL,
  epoch BIGINT NOT NULL,
  PRIMARY KEY (account_id, project_id),
  FOREIGN KEY (account_id, project_id) REFERENCES projects (account_id, id) ON DELETE CASCADE
);

-- Contacts that live traffic brought up to date meanwhile: the job leaves them alone.
CREATE TABLE regrouped_contacts (
  account_id TEXT NOT NULL,
  project_id TEXT NOT NULL,
  contact_id TEXT NOT NULL,
  PRIMARY KEY (account_id, project_id, contact_id),
  FOREIGN KEY (account_id, project_id) REFERENCES regroupings (account_id, project_id) ON DELETE CASCADE
);
