-- Until when what this node holds of its own is kept, since no credential of its own list signed the erasure; null where one did.
ALTER TABLE erasure_task ADD COLUMN held_until BIGINT;

-- Contents whose keys are destroyed and that the store may still pin.
CREATE TABLE erased_content (
    patient_id TEXT NOT NULL,
    cid TEXT NOT NULL,
    PRIMARY KEY (patient_id, cid)
);
