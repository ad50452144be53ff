-- The keeper's passes over the ledger's records: the one that runs has no end yet, and says behind which key it goes on.
CREATE TABLE keeping_pass (
    id ${identity},
    started_at BIGINT NOT NULL,
    finished_at BIGINT,
    position ${blob},
    records BIGINT NOT NULL,
    held BIGINT NOT NULL,
    missing BIGINT NOT NULL,
    corrupt BIGINT NOT NULL,
    unavailable BIGINT NOT NULL,
    below_minimum BIGINT NOT NULL,
    pinned_again BIGINT NOT NULL,
    repaired BIGINT NOT NULL
);

-- What is pinned here and when it was last read from end to end; 0 where it was not yet.
CREATE TABLE content_scrub (
    cid TEXT PRIMARY KEY,
    added_at BIGINT NOT NULL,
    listed_at BIGINT NOT NULL,
    verified_at BIGINT NOT NULL
);
CREATE INDEX content_scrub_verified ON content_scrub (verified_at);

-- Copies found missing or corrupt; kept for a while after they are whole again.
CREATE TABLE content_finding (
    cid TEXT NOT NULL,
    replica TEXT NOT NULL,
    state TEXT NOT NULL,
    detail TEXT NOT NULL,
    record_id TEXT,
    record_key ${blob},
    found_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    next_at BIGINT NOT NULL,
    claimed_until BIGINT NOT NULL,
    resolved_at BIGINT,
    PRIMARY KEY (cid, replica)
);
CREATE INDEX content_finding_due ON content_finding (resolved_at, next_at);

-- How each replica answered.
CREATE TABLE content_replica (
    name TEXT PRIMARY KEY,
    challenges BIGINT NOT NULL,
    failures BIGINT NOT NULL,
    last_challenge_at BIGINT,
    last_success_at BIGINT,
    last_failure_at BIGINT,
    last_failure TEXT,
    unavailable_since BIGINT
);

CREATE INDEX sealed_record_sealed_at ON sealed_record (sealed_at);
CREATE INDEX sealed_record_cid ON sealed_record (cid);
