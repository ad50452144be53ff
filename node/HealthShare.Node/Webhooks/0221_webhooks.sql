-- Addresses of the hospital's own systems that are told of events. The secret is with the other wrapped secrets.
CREATE TABLE webhook (
    id TEXT NOT NULL PRIMARY KEY,
    url TEXT NOT NULL,
    topics TEXT NOT NULL,
    description TEXT,
    created_at BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    position BIGINT NOT NULL,
    failing_since BIGINT,
    failures BIGINT NOT NULL,
    paused_until BIGINT NOT NULL,
    disabled_at BIGINT,
    disabled_code TEXT
);

-- What is to be sent and what was. The position of a webhook moves in the transaction that writes these.
CREATE TABLE webhook_delivery (
    number ${identity},
    id TEXT NOT NULL UNIQUE,
    webhook_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    body TEXT NOT NULL,
    state TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    next_attempt_at BIGINT NOT NULL,
    last_attempt_at BIGINT,
    outcome TEXT
);
CREATE INDEX webhook_delivery_of ON webhook_delivery (webhook_id, number);
CREATE INDEX webhook_delivery_due ON webhook_delivery (webhook_id, next_attempt_at) WHERE state = 'waiting';
