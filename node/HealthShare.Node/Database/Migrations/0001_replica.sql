-- The channel's public state as the blocks' valid transactions wrote it. Keys are bytes: they hold U+0000, and their order counts.
CREATE TABLE replica (
    key ${blob} NOT NULL PRIMARY KEY,
    value ${blob} NOT NULL,
    block BIGINT NOT NULL,
    transaction_id TEXT NOT NULL,
    seen_at BIGINT NOT NULL
);

CREATE TABLE replica_checkpoint (
    id BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    next_block BIGINT NOT NULL,
    last_hash ${blob}
);

INSERT INTO replica_checkpoint (id, next_block) VALUES (1, 0);
