-- The version of the normaliser that made a project's values (identity::normalise::NORM_VERSION).
ALTER TABLE projects ADD COLUMN norm_version BIGINT NOT NULL DEFAULT 1;
