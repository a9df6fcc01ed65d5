-- What users of the desk are told (issue 16.6): by their account, or by the installation, which belongs to no account.
CREATE TABLE announcements (
  account_id UUID NOT NULL REFERENCES accounts (account_id) ON DELETE CASCADE,
  id UUID NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('news', 'maintenance', 'incident')),
  title_ru TEXT NOT NULL,
  title_en TEXT NOT NULL,
  text_ru TEXT NOT NULL,
  text_en TEXT NOT NULL,
  link TEXT,
  window_from BIGINT,
  window_to BIGINT,
  -- The channel that it is about; that may be gone.
  connection_id UUID,
  -- Roles it is for, with blanks between them.
  roles TEXT NOT NULL,
  -- Only for who works in `announcement_projects`.
  some_projects BOOLEAN NOT NULL,
  written_by TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  -- NULL for a draft; it may lie ahead.
  published_at BIGINT,
  ended_at BIGINT,
  PRIMARY KEY (account_id, id)
);
-- The feed, and what begins next.
CREATE INDEX announcements_published ON announcements (account_id, published_at, id);

CREATE TABLE announcement_projects (
  account_id UUID NOT NULL,
  announcement_id UUID NOT NULL,
  project_id UUID NOT NULL,
  PRIMARY KEY (account_id, announcement_id, project_id),
  FOREIGN KEY (account_id, announcement_id) REFERENCES announcements (account_id, id) ON DELETE CASCADE,
  FOREIGN KEY (account_id, project_id) REFERENCES projects (account_id, id) ON DELETE CASCADE
);

CREATE TABLE installation_announcements (
  id UUID PRIMARY KEY,
  kind TEXT NOT NULL CHECK (kind IN ('news', 'maintenance', 'incident')),
  title_ru TEXT NOT NULL,
  title_en TEXT NOT NULL,
  text_ru TEXT NOT NULL,
  text_en TEXT NOT NULL,
  link TEXT,
  window_from BIGINT,
  window_to BIGINT,
  -- The kind of channel that it is about.
  channel TEXT,
  roles TEXT NOT NULL,
  written_by TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  published_at BIGINT,
  ended_at BIGINT
);
CREATE INDEX installation_announcements_published ON installation_announcements (published_at, id);

-- Who has read what: of the account, of the installation, or news of the product itself, so it refers to no one table.
CREATE TABLE announcement_reads (
  account_id UUID NOT NULL,
  user_id UUID NOT NULL,
  announcement_id UUID NOT NULL,
  read_at BIGINT NOT NULL,
  -- The line about what is planned was closed.
  hidden BOOLEAN NOT NULL,
  PRIMARY KEY (account_id, user_id, announcement_id),
  FOREIGN KEY (account_id, user_id) REFERENCES users (account_id, id) ON DELETE CASCADE
);
