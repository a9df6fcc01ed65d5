-- When the team answers and how soon (issue 15.7), and whether a visitor may have several conversations.
ALTER TABLE projects ADD COLUMN working_hours TEXT NOT NULL DEFAULT '[]';
ALTER TABLE projects ADD COLUMN reply_minutes BIGINT;
ALTER TABLE projects ADD COLUMN several_conversations BOOLEAN NOT NULL DEFAULT FALSE;
