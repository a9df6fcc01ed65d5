-- What of a site is edited and not published yet (R69): the site takes the appearance of `projects` and the published side of its buttons.
CREATE TABLE appearance_drafts (
  account_id UUID NOT NULL,
  project_id UUID PRIMARY KEY,
  version BIGINT NOT NULL,
  -- None: as it is published.
  document TEXT,
  published_at BIGINT,
  published_by TEXT,
  FOREIGN KEY (account_id, project_id) REFERENCES projects (account_id, id) ON DELETE CASCADE
);
ALTER TABLE menu_buttons ADD COLUMN published TEXT;
ALTER TABLE menu_buttons ADD COLUMN published_place BIGINT;
ALTER TABLE menu_buttons ADD COLUMN removed BOOLEAN NOT NULL DEFAULT FALSE;
UPDATE menu_buttons SET published = document, published_place = place;
