-- A claim beside a value that stands is a line of the history that never was the value (rulings 35).
ALTER TABLE value_history ADD COLUMN taken BOOLEAN NOT NULL DEFAULT TRUE;
