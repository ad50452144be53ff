-- Emergency sessions of every member: where each is in the copy, and whether it waits for its review.
CREATE TABLE emergency (
    member TEXT NOT NULL,
    emergency_id TEXT NOT NULL,
    patient_id TEXT NOT NULL,
    declared_at BIGINT NOT NULL,
    reviewed BIGINT NOT NULL,
    PRIMARY KEY (member, emergency_id, patient_id)
);
CREATE INDEX emergency_by_id ON emergency (emergency_id);
CREATE INDEX emergency_open ON emergency (reviewed, declared_at);

-- Why this hospital broke the glass, in words, encrypted. Kept before the channel hears of the session.
CREATE TABLE emergency_reason (
    emergency_id TEXT PRIMARY KEY,
    words ${blob} NOT NULL,
    kept_at BIGINT NOT NULL
);
