-- Where to find the newest entries of a list that may grow without end: by list and block, so that a page costs as much as it holds.
CREATE TABLE replica_newest (
    key ${blob} NOT NULL PRIMARY KEY,
    list ${blob} NOT NULL,
    block BIGINT NOT NULL
);
CREATE INDEX replica_newest_list ON replica_newest (list, block DESC, key);
