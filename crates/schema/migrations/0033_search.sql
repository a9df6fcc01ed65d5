-- Search (ADR 32): what of each message and client the engine's index of words is made of. Rows are numbered by project and time, so those of a
-- project lie together, the newest last. They go with what they were made of, and their words with them.
CREATE TABLE search_projects (
  account_id UUID NOT NULL,
  project_id UUID NOT NULL,
  number BIGINT NOT NULL,
  PRIMARY KEY (account_id, project_id),
  FOREIGN KEY (account_id, project_id) REFERENCES projects (account_id, id) ON DELETE CASCADE
);
-- The next number, over all accounts.
CREATE UNIQUE INDEX search_projects_number ON search_projects (number);
-- How far the log of an account was followed, and how far its clients were walked through; walked_to is NULL when all were.
CREATE TABLE search_follows (
  account_id UUID PRIMARY KEY REFERENCES accounts (account_id) ON DELETE CASCADE,
  position BIGINT NOT NULL,
  version BIGINT NOT NULL,
  walked_to UUID,
  walked_conversation UUID NOT NULL,
  walked_seq BIGINT NOT NULL
);
-- sqlite:
CREATE TABLE search_messages (
  doc INTEGER PRIMARY KEY,
  account_id UUID NOT NULL,
  message_id UUID NOT NULL REFERENCES messages (id) ON DELETE CASCADE,
  terms TEXT NOT NULL
);
CREATE TABLE search_clients (
  doc INTEGER PRIMARY KEY,
  account_id UUID NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('contact', 'group', 'conversation')),
  id UUID NOT NULL,
  contact_id UUID NOT NULL,
  terms TEXT NOT NULL,
  FOREIGN KEY (account_id, contact_id) REFERENCES contacts (account_id, id) ON DELETE CASCADE
);
-- Terms come ready made: the tokenizer only parts them at blanks. What is deleted is overwritten in the index, too.
CREATE VIRTUAL TABLE search_messages_terms USING fts5(terms, content='search_messages', content_rowid='doc', columnsize=0, tokenize="ascii tokenchars '.~=#+@_-'");
CREATE VIRTUAL TABLE search_clients_terms USING fts5(terms, content='search_clients', content_rowid='doc', columnsize=0, tokenize="ascii tokenchars '.~=#+@_-'");
INSERT INTO search_messages_terms (search_messages_terms, rank) VALUES ('secure-delete', 1);
INSERT INTO search_clients_terms (search_clients_terms, rank) VALUES ('secure-delete', 1);
CREATE TRIGGER search_messages_come AFTER INSERT ON search_messages BEGIN
  INSERT INTO search_messages_terms (rowid, terms) VALUES (new.doc, new.terms);
END;
CREATE TRIGGER search_messages_go AFTER DELETE ON search_messages BEGIN
  INSERT INTO search_messages_terms (search_messages_terms, rowid, terms) VALUES ('delete', old.doc, old.terms);
END;
CREATE TRIGGER search_messages_change AFTER UPDATE OF terms ON search_messages BEGIN
  INSERT INTO search_messages_terms (search_messages_terms, rowid, terms) VALUES ('delete', old.doc, old.terms);
  INSERT INTO search_messages_terms (rowid, terms) VALUES (new.doc, new.terms);
END;
CREATE TRIGGER search_clients_come AFTER INSERT ON search_clients BEGIN
  INSERT INTO search_clients_terms (rowid, terms) VALUES (new.doc, new.terms);
END;
CREATE TRIGGER search_clients_go AFTER DELETE ON search_clients BEGIN
  INSERT INTO search_clients_terms (search_clients_terms, rowid, terms) VALUES ('delete', old.doc, old.terms);
END;
CREATE TRIGGER search_clients_change AFTER UPDATE OF terms ON search_clients BEGIN
  INSERT INTO search_clients_terms (search_clients_terms, rowid, terms) VALUES ('delete', old.doc, old.terms);
  INSERT INTO search_clients_terms (rowid, terms) VALUES (new.doc, new.terms);
END;
-- postgres:
CREATE TABLE search_messages (
  doc BIGINT PRIMARY KEY,
  account_id UUID NOT NULL,
  message_id UUID NOT NULL REFERENCES messages (id) ON DELETE CASCADE,
  terms TSVECTOR NOT NULL
);
CREATE TABLE search_clients (
  doc BIGINT PRIMARY KEY,
  account_id UUID NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('contact', 'group', 'conversation')),
  id UUID NOT NULL,
  contact_id UUID NOT NULL,
  terms TSVECTOR NOT NULL,
  FOREIGN KEY (account_id, contact_id) REFERENCES contacts (account_id, id) ON DELETE CASCADE
);
CREATE INDEX search_messages_terms ON search_messages USING gin (terms) WITH (gin_pending_list_limit = 512);
CREATE INDEX search_clients_terms ON search_clients USING gin (terms) WITH (gin_pending_list_limit = 512);
-- both:
-- Whose words they are: what is written again, and what goes.
CREATE UNIQUE INDEX search_messages_message ON search_messages (message_id);
CREATE UNIQUE INDEX search_clients_id ON search_clients (id, kind);
CREATE INDEX search_clients_contact ON search_clients (account_id, contact_id);
