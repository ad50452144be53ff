-- Since when a delivery is to be sent, as it was made or replayed last: what it is given up by. When it was made stays what it was.
ALTER TABLE webhook_delivery ADD COLUMN wanted_at BIGINT NOT NULL DEFAULT 0;
UPDATE webhook_delivery SET wanted_at = created_at;

-- How often it was replayed: a try that began before counts for nothing after.
ALTER TABLE webhook_delivery ADD COLUMN replays BIGINT NOT NULL DEFAULT 0;
