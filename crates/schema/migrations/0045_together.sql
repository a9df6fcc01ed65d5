-- Whether the list of conversations shows the open conversations of one client as one row: each person's own choice.
ALTER TABLE users ADD COLUMN together BOOLEAN NOT NULL DEFAULT TRUE;
