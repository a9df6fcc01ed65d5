-- The id that people know a rule by, when its keys stand under another row since it was edited. NULL: the row's own.
ALTER TABLE rules ADD COLUMN public_id TEXT;
