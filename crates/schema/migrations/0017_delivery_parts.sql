-- The part of the message that a delivery sends next: what went out before is not sent again.
ALTER TABLE deliveries ADD COLUMN part BIGINT NOT NULL DEFAULT 0;
