-- Contents of which a replica says nothing while it answers for others, and how often in a row.
CREATE TABLE content_unanswered (
    cid TEXT NOT NULL,
    replica TEXT NOT NULL,
    times BIGINT NOT NULL,
    last_at BIGINT NOT NULL,
    PRIMARY KEY (cid, replica)
);

-- What the own store pins and nothing refers to, and since when that is known.
CREATE TABLE content_orphan (
    cid TEXT PRIMARY KEY,
    found_at BIGINT NOT NULL
);

-- Why the last repair failed: the same reason is told once.
ALTER TABLE content_finding ADD COLUMN repair_failure TEXT;

-- 1 for a check on demand, which stands beside the passes and puts none of them off.
ALTER TABLE keeping_pass ADD COLUMN on_demand BIGINT NOT NULL DEFAULT 0;
