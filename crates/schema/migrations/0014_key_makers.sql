-- A key is never stronger than whoever made it. Keys of before are their account's oldest owner's.
ALTER TABLE api_keys ADD COLUMN made_by UUID;
UPDATE api_keys SET made_by = (
  SELECT users.id FROM users WHERE users.account_id = api_keys.account_id AND users.role = 'owner'
  ORDER BY users.created_at, users.id LIMIT 1);
