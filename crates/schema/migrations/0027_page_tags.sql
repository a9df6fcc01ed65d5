-- Tags that a page gave its visitor (R80): pages take back only these.
CREATE TABLE page_tags (
  account_id UUID NOT NULL,
  contact_id UUID NOT NULL,
  tag TEXT NOT NULL,
  PRIMARY KEY (contact_id, tag),
  FOREIGN KEY (account_id, contact_id) REFERENCES contacts (account_id, id) ON DELETE CASCADE
);
