-- Contacts of raw components in which the size guard or an unlink has a say (identity::partition::guarded). Everybody else's group is a
-- whole raw component, so newcomers can join it without a look at its keys. A mark too many only costs a look.
CREATE TABLE guarded_contacts (
  account_id TEXT NOT NULL,
  contact_id TEXT NOT NULL,
  project_id TEXT NOT NULL,
  PRIMARY KEY (account_id, contact_id),
  FOREIGN KEY (account_id, contact_id) REFERENCES contacts (account_id, id) ON DELETE CASCADE
) WITHOUT ROWID;
-- Nobody knows of those that are here already: they are looked at until something brings them up to date.
INSERT INTO guarded_contacts (account_id, contact_id, project_id) SELECT account_id, id, project_id FROM contacts;
