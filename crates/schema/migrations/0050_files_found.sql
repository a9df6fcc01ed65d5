-- Files of a message that is edited or deleted, those that were never sent, and those that are kept for scenarios and pages: found without
-- walking through all.
CREATE INDEX files_message ON files (message_id, created_at);
CREATE INDEX files_kept ON files (project_id, kept, created_at) WHERE kept IS NOT NULL;
