-- Who is on the site now (R80): pages tell it unless the project does not want it; what is typed is shown only where the project wants it.
ALTER TABLE projects ADD COLUMN watch_visitors BOOLEAN NOT NULL DEFAULT TRUE;
ALTER TABLE projects ADD COLUMN typing_preview BOOLEAN NOT NULL DEFAULT FALSE;
