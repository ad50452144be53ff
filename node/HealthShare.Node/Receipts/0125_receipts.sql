-- The blocks' headers as this node applied them, and what stands in each block: enough to say, signed, that a transaction is
-- committed and valid. The transactions themselves are at the peers.
CREATE TABLE block_header (
    number BIGINT PRIMARY KEY,
    previous_hash ${blob} NOT NULL,
    data_hash ${blob} NOT NULL,
    header_hash ${blob} NOT NULL
);
CREATE TABLE block_transaction (
    block BIGINT NOT NULL REFERENCES block_header (number),
    position BIGINT NOT NULL,
    transaction_id TEXT NOT NULL,
    code BIGINT NOT NULL,
    envelope_hash ${blob} NOT NULL,
    PRIMARY KEY (block, position)
);
CREATE INDEX block_transaction_id ON block_transaction (transaction_id);

-- Which transaction brought what a patient signed or a hospital attested to the channel: the first that wrote its id.
CREATE TABLE receipt_source (
    patient_id TEXT NOT NULL,
    id TEXT NOT NULL,
    transaction_id TEXT NOT NULL,
    PRIMARY KEY (patient_id, id)
);
