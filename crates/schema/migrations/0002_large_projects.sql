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
);
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
