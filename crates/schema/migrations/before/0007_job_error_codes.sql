-- A failed job says why by a stable word, too.
ALTER TABLE project_jobs ADD COLUMN error_code TEXT;
