-- Who did what of weight, from where, and what came of it. Rows are only added; each carries a hash over itself and the one before.
CREATE TABLE audit_log (
  account_id UUID NOT NULL REFERENCES accounts (account_id) ON DELETE CASCADE,
  number BIGINT NOT NULL,
  at BIGINT NOT NULL,
  actor TEXT NOT NULL,
  actor_name TEXT NOT NULL,
  action TEXT NOT NULL,
  target TEXT NOT NULL,
  address TEXT NOT NULL,
  status BIGINT NOT NULL,
  chain TEXT NOT NULL,
  PRIMARY KEY (account_id, number)
);
