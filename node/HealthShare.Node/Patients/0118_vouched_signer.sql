-- When this node saw, by its own clock, that enough hospitals vouch for a signer. Waiting times run from here: a proposal's time
-- can be old by the time it is seen. Whether the list of credentials followed since the waiting time was over: looked at once.
CREATE TABLE vouched_signer (
    patient_id TEXT NOT NULL,
    signer_id TEXT NOT NULL,
    seen_at BIGINT NOT NULL,
    followed BIGINT NOT NULL,
    PRIMARY KEY (patient_id, signer_id)
);
CREATE INDEX vouched_signer_due ON vouched_signer (followed, seen_at);
