-- When this node saw the block that first wrote a key: a custodian's waiting times run from then, whatever is written to the key later.
ALTER TABLE replica ADD COLUMN first_seen_at BIGINT;
UPDATE replica SET first_seen_at = seen_at;
