-- What tables of schema 11 hold, carried over into those of 0012_tables.sql, table after table. `old.` is where they lie, `bits(id)` the 16
-- bytes of an id in text; {part} a part of a large table, so that progress can be told.
INSERT INTO accounts (account_id, name, created_at)
  SELECT bits(account_id), name, created_at FROM old.accounts;
INSERT INTO account_positions (account_id, position, oldest_kept)
  SELECT bits(account_id), position, oldest_kept FROM old.account_positions;
INSERT INTO users (account_id, id, email, name, password_hash, role, locale, active, demo, created_at)
  SELECT bits(account_id), bits(id), email, name, password_hash, role, locale, active, demo, created_at FROM old.users;
INSERT INTO sessions (account_id, id, token_hash, user_id, created_at, expires_at)
  SELECT bits(account_id), bits(id), token_hash, bits(user_id), created_at, expires_at FROM old.sessions;
INSERT INTO invitations (account_id, token_hash, user_id, expires_at)
  SELECT bits(account_id), token_hash, bits(user_id), expires_at FROM old.invitations;
INSERT INTO api_keys (account_id, id, title, key_hash, scopes, created_at)
  SELECT bits(account_id), bits(id), title, key_hash, scopes, created_at FROM old.api_keys;
INSERT INTO projects (account_id, id, name, site_key, identity_secret, allowed_origins, appearance, config_version, hub_limit, max_group,
    default_region, placeholders, demo, created_at, norm_version)
  SELECT bits(account_id), bits(id), name, site_key, identity_secret, allowed_origins, appearance, config_version, hub_limit, max_group,
      default_region, placeholders, demo, created_at, norm_version FROM old.projects;
INSERT INTO project_users (account_id, project_id, user_id)
  SELECT bits(account_id), bits(project_id), bits(user_id) FROM old.project_users;
INSERT INTO connections (account_id, id, project_id, kind, title, status, settings, secrets, hook_path, health, poll_offset, created_at)
  SELECT bits(account_id), bits(id), bits(project_id), kind, title, status, settings, secrets, hook_path, health, poll_offset, created_at
      FROM old.connections;
INSERT INTO contacts (account_id, id, project_id, connection_id, channel, external_id, address, name, handle, tags, search, group_id,
    created_seq, blocked, demo, created_at, last_seen_at)
  SELECT bits(account_id), bits(id), bits(project_id), bits(connection_id), channel, external_id, address, name, handle, tags, search,
      bits(group_id), created_seq, blocked, demo, created_at, last_seen_at FROM old.contacts WHERE {part};
INSERT INTO fields (account_id, project_id, key, title, kind, options, place, show_when_empty, multi, required, read_only, exclusive,
    built_in, hidden)
  SELECT bits(account_id), bits(project_id), key, title, kind, options, place, show_when_empty, multi, required, read_only, exclusive,
      built_in, hidden FROM old.fields;
INSERT INTO field_values (account_id, contact_id, field_key, place, value, norm, unusable, verified, source, set_by, set_at)
  SELECT bits(account_id), bits(contact_id), field_key, place, value, norm, unusable, verified, source, set_by, set_at FROM
      old.field_values ORDER BY account_id, contact_id, field_key, place;
INSERT INTO rules (account_id, id, project_id, key, fields, mode, enabled, verified_only, hub_limit, place, staged, public_id)
  SELECT bits(account_id), bits(id), bits(project_id), key, fields, mode, enabled, verified_only, hub_limit, place, staged,
      bits(public_id) FROM old.rules;
INSERT INTO rule_keys (account_id, rule_id, key_hash, contact_id, key_text)
  SELECT bits(account_id), bits(rule_id), key_hash, bits(contact_id), key_text FROM old.rule_keys ORDER BY rule_id, key_hash, contact_id;
INSERT INTO overrides (account_id, id, project_id, kind, subject, others, created_seq, created_by, note, created_at)
  SELECT bits(account_id), bits(id), bits(project_id), kind, bits(subject), others, created_seq, created_by, note, created_at FROM
      old.overrides;
INSERT INTO override_contacts (account_id, contact_id, override_id)
  SELECT bits(account_id), bits(contact_id), bits(override_id) FROM old.override_contacts;
INSERT INTO value_states (account_id, project_id, field_key, norm, state, value, set_by, set_at)
  SELECT bits(account_id), bits(project_id), field_key, norm, state, value, set_by, set_at FROM old.value_states;
INSERT INTO conversations (id, account_id, project_id, contact_id, connection_id, channel, status, assignee_id, seq, last_seq,
    client_count, position, waiting_since, client_read_seq, demo, created_at, closed_at)
  SELECT bits(id), bits(account_id), bits(project_id), bits(contact_id), bits(connection_id), channel, status, bits(assignee_id), seq,
      last_seq, client_count, position, waiting_since, client_read_seq, demo, created_at, closed_at FROM old.conversations;
INSERT INTO messages (id, account_id, conversation_id, seq, position, author_kind, author_id, author_name, kind, content, client_id,
    external_id, client_count, delivery_status, delivery_code, delivery_detail, delivery_at, reply_to, created_at, edited_at)
  SELECT bits(id), bits(account_id), bits(conversation_id), seq, position, CASE WHEN author_kind = 'operator' AND SUBSTR(author_id, 1, 4)
      = 'key_' THEN 'key' ELSE author_kind END, bits(author_id), author_name, kind, content, client_id, external_id, client_count,
      delivery_status, delivery_code, delivery_detail, delivery_at, bits(reply_to), created_at, edited_at FROM old.messages WHERE {part};
INSERT INTO conversation_reads (account_id, conversation_id, user_id, seq, client_count)
  SELECT bits(account_id), bits(conversation_id), bits(user_id), seq, client_count FROM old.conversation_reads;
INSERT INTO deliveries (id, account_id, message_id, connection_id, contact_id, status, attempts, next_at, lease_until, created_at, lane)
  SELECT bits(id), bits(account_id), bits(message_id), bits(connection_id), bits(contact_id), status, attempts, next_at, lease_until,
      created_at, lane FROM old.deliveries;
INSERT INTO delivery_attempts (account_id, delivery_id, attempt, started_at, ended_at, outcome, detail)
  SELECT bits(account_id), bits(delivery_id), attempt, started_at, ended_at, outcome, detail FROM old.delivery_attempts;
INSERT INTO inbound_journal (account_id, connection_id, dedupe_key, body, received_at)
  SELECT bits(account_id), bits(connection_id), dedupe_key, body, received_at FROM old.inbound_journal;
INSERT INTO jobs (id, account_id, kind, order_key, payload, state, attempts, run_at, lease_until, error, created_at, timer_key)
  SELECT bits(id), bits(account_id), kind, order_key, payload, state, attempts, run_at, lease_until, error, created_at, timer_key FROM
      old.jobs;
INSERT INTO events (account_id, position, project_id, kind, conversation_id, contact_id, seq, for_client, data, created_at)
  SELECT bits(account_id), position, bits(project_id), kind, bits(conversation_id), CASE WHEN kind IN ('message.created',
      'message.updated') THEN NULL ELSE bits(contact_id) END, seq, for_client, CASE WHEN kind IN ('message.created', 'message.updated')
      THEN NULL ELSE data END, created_at FROM old.events WHERE {part};
INSERT INTO files (id, account_id, project_id, name, mime, size, width, height, owner_id, message_id, created_at)
  SELECT bits(id), bits(account_id), bits(project_id), name, mime, size, width, height, owner_id, bits(message_id), created_at FROM
      old.files;
INSERT INTO link_tokens (account_id, token, contact_id, expires_at)
  SELECT bits(account_id), token, bits(contact_id), expires_at FROM old.link_tokens;
INSERT INTO idempotency_keys (account_id, principal, key, request_hash, status, response, created_at)
  SELECT bits(account_id), bits(principal), key, request_hash, status, response, created_at FROM old.idempotency_keys;
INSERT INTO project_jobs (account_id, id, project_id, kind, state, done, total, input, result, error, is_cancelled, created_by,
    created_at, ended_at, error_code)
  SELECT bits(account_id), bits(id), bits(project_id), kind, state, done, total, input, result, error, is_cancelled, created_by,
      created_at, ended_at, error_code FROM old.project_jobs;
INSERT INTO multi_contact_log (account_id, id, project_id, kind, state_before, state_after, result, note, created_by, created_at)
  SELECT bits(account_id), bits(id), bits(project_id), kind, state_before, state_after, result, note, created_by, created_at FROM
      old.multi_contact_log;
INSERT INTO refused_pairs (account_id, a, b, refused_by, refused_at)
  SELECT bits(account_id), bits(a), bits(b), refused_by, refused_at FROM old.refused_pairs;
INSERT INTO value_history (account_id, contact_id, field_key, id, what, field_values, source, set_by, set_at, taken, kept_at)
  SELECT bits(account_id), bits(contact_id), field_key, bits(id), what, field_values, source, set_by, set_at, taken, kept_at FROM
      old.value_history;
INSERT INTO regroupings (account_id, project_id, job_id, epoch)
  SELECT bits(account_id), bits(project_id), bits(job_id), epoch FROM old.regroupings;
INSERT INTO regrouped_contacts (account_id, project_id, contact_id)
  SELECT bits(account_id), bits(project_id), bits(contact_id) FROM old.regrouped_contacts;
INSERT INTO retired_groups (account_id, project_id, id, contact_id)
  SELECT bits(account_id), bits(project_id), bits(id), bits(contact_id) FROM old.retired_groups ORDER BY account_id, id;
INSERT INTO guarded_contacts (account_id, contact_id, project_id)
  SELECT bits(account_id), bits(contact_id), bits(project_id) FROM old.guarded_contacts ORDER BY account_id, contact_id;
INSERT INTO archived_fields (account_id, project_id, key, field, archived_at)
  SELECT bits(account_id), bits(project_id), key, field, archived_at FROM old.archived_fields;
INSERT INTO archived_values (account_id, contact_id, field_key, place, value, verified, source, set_by, set_at)
  SELECT bits(account_id), bits(contact_id), field_key, place, value, verified, source, set_by, set_at FROM old.archived_values;
