-- Verifications of the whole channel: one at a time, the results kept.
CREATE TABLE verification_run (
    id TEXT PRIMARY KEY,
    state TEXT NOT NULL,
    genesis TEXT,
    started_at BIGINT NOT NULL,
    finished_at BIGINT,
    blocks_done BIGINT NOT NULL,
    blocks_total BIGINT,
    result TEXT,
    reason TEXT
);
CREATE INDEX verification_run_by_start ON verification_run (started_at, id);
CREATE UNIQUE INDEX verification_run_running ON verification_run (state) WHERE state = 'Running';
