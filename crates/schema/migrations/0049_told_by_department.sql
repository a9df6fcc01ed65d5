-- Whether what waits in a department is told to its people alone, and unread for them alone. Everybody of the project goes on to see it (ADR 33).
ALTER TABLE projects ADD COLUMN told_by_department BOOLEAN NOT NULL DEFAULT FALSE;
