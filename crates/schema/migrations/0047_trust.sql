-- The end of each account's audit log (number and hash of its last row), sealed under the master key: rows that were cut off are missed, and
-- a chain that was computed anew does not fit.
CREATE TABLE audit_heads (
  account_id UUID PRIMARY KEY REFERENCES accounts (account_id) ON DELETE CASCADE,
  sealed TEXT NOT NULL
);
-- Turns of the gravest acts that were begun and are not in the audit log yet: two at once take two.
CREATE TABLE grave_turns (
  account_id UUID NOT NULL REFERENCES accounts (account_id) ON DELETE CASCADE,
  turn TEXT NOT NULL,
  actor TEXT NOT NULL,
  action TEXT NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (account_id, turn)
);
