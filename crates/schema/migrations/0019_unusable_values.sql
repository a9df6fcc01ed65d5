-- A usable value that an unusable one stands before: nobody sees it as a value of the field, and it is compared on (ADR 20).
ALTER TABLE field_values ADD COLUMN behind BOOLEAN NOT NULL DEFAULT FALSE;
-- What the field held with all about it, as JSON, so that an edit can be undone. Lines of before only have the texts.
ALTER TABLE value_history ADD COLUMN entries TEXT;
-- Choices and long texts are compared with nothing, whatever they say: that is no fault of the value.
UPDATE field_values SET unusable = NULL WHERE unusable IS NOT NULL AND EXISTS (
  SELECT 1 FROM contacts c JOIN fields f ON f.account_id = c.account_id AND f.project_id = c.project_id
  WHERE c.account_id = field_values.account_id AND c.id = field_values.contact_id AND f.key = field_values.field_key
    AND f.kind IN ('long_text', 'list', 'multi_list'));
