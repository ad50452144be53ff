-- The requests on the channel, of every member: where each stands, and what a list of them is narrowed by. The entries are in the copy.
CREATE TABLE channel_decision (
    seq ${identity},
    key ${blob} NOT NULL UNIQUE,
    block BIGINT NOT NULL,
    requested_at BIGINT NOT NULL,
    requester TEXT NOT NULL,
    outcome TEXT NOT NULL,
    emergency BIGINT NOT NULL
);
CREATE INDEX channel_decision_time ON channel_decision (requested_at, seq);
CREATE INDEX channel_decision_requester ON channel_decision (requester, requested_at, seq);
CREATE INDEX channel_decision_outcome ON channel_decision (outcome, requested_at, seq);
CREATE INDEX channel_decision_emergency ON channel_decision (requested_at, seq) WHERE emergency = 1;
