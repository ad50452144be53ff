-- Answers of requests that came with a key, encrypted: the same request of the same caller is answered with them and has no second effect.
CREATE TABLE idempotent_answer (
    caller TEXT NOT NULL,
    key TEXT NOT NULL,
    request ${blob} NOT NULL,
    run TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    answer ${blob},
    PRIMARY KEY (caller, key)
);
CREATE INDEX idempotent_answer_created ON idempotent_answer (created_at);
