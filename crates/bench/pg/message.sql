\set conversation random(1, 10000)
BEGIN;
INSERT INTO messages (conversation_id, sender, body, created_at) VALUES (:conversation, 'visitor', 'Hello, my order 48213 has not arrived yet and the tracking page shows nothing since Monday. Can you help me please? Thanks!', 1700000000000) RETURNING id \gset
UPDATE conversations SET unread = unread + 1, last_message_id = :id, updated_at = 1700000000000 + :id WHERE id = :conversation;
INSERT INTO events (kind, conversation_id, message_id, payload, created_at) VALUES ('message.created', :conversation, :id, '{"message_id":1,"conversation_id":1,"channel":"site"}', 1700000000000);
COMMIT;
