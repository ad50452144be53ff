-- Staff who were disabled: without passkeys and sessions until somebody invites them anew.
ALTER TABLE person ADD COLUMN disabled_at BIGINT;
ALTER TABLE person ADD COLUMN disabled_by TEXT;
CREATE INDEX person_by_time ON person (created_at, id);
