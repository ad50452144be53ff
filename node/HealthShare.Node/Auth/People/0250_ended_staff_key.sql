-- Keys of staff who were disabled, by the id of their credential: whatever of them is on the channel, or reaches it late, is to be revoked.
CREATE TABLE ended_staff_key (
    credential_id TEXT PRIMARY KEY,
    ended_at BIGINT NOT NULL
);
