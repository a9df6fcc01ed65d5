-- Letters to the team: after how many minutes a person wants one about clients who wait (0 is never), and when the last one of a project went.
ALTER TABLE users ADD COLUMN email_after_minutes BIGINT NOT NULL DEFAULT 5;

CREATE TABLE unread_notices (
  account_id UUID NOT NULL,
  project_id UUID NOT NULL,
  user_id UUID NOT NULL,
  sent_at BIGINT NOT NULL,
  PRIMARY KEY (account_id, project_id, user_id),
  FOREIGN KEY (account_id, project_id) REFERENCES projects (account_id, id) ON DELETE CASCADE,
  FOREIGN KEY (account_id, user_id) REFERENCES users (account_id, id) ON DELETE CASCADE
);
