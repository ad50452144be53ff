-- Which transaction brought what came after the first under an id: a second signature under a grant, each hospital's word for a signer, a
-- hospital's objection, an attested consent's withdrawal.
CREATE TABLE receipt_word (
    patient_id TEXT NOT NULL,
    id TEXT NOT NULL,
    word TEXT NOT NULL,
    transaction_id TEXT NOT NULL,
    PRIMARY KEY (patient_id, id, word)
);
