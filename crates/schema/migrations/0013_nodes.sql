-- What one node at a time does: whoever takes the row does it, and takes it again before it runs out.
CREATE TABLE node_leases (
  name TEXT PRIMARY KEY,
  node TEXT NOT NULL,
  until BIGINT NOT NULL
);

-- What the nodes of one database share.
CREATE TABLE installation (
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL
);

-- Which node works on a job: another one that took it before and was frozen meanwhile can neither keep nor end it.
ALTER TABLE jobs ADD COLUMN holder TEXT;
