-- Schema 4: what was purged when its time was over. Of every run of events that went, its place in the
-- chain and the hash that the next event follows on: the chain proves whole across it. Runs that touch
-- are one row, whose id is new, so that whoever reads in parts sees that something went meanwhile.
CREATE TABLE purged (
    id INTEGER NOT NULL PRIMARY KEY CHECK (id > 0),
    first INTEGER NOT NULL UNIQUE CHECK (first > 0),
    last INTEGER NOT NULL UNIQUE,
    hash BLOB NOT NULL CHECK (length(hash) = 32),
    CHECK (last >= first)
) STRICT;
CREATE TRIGGER purged_never_changes BEFORE UPDATE ON purged
BEGIN SELECT RAISE(ABORT, 'what was purged never changes'); END;
CREATE TRIGGER purged_begins BEFORE INSERT ON purged WHEN NOT EXISTS (SELECT 1 FROM purge)
BEGIN SELECT RAISE(ABORT, 'what was purged is written by the purge alone'); END;
CREATE TRIGGER purged_stays BEFORE DELETE ON purged WHEN NOT EXISTS (SELECT 1 FROM purge)
BEGIN SELECT RAISE(ABORT, 'what was purged is joined by the purge alone'); END;

-- Whose keys go with a hand-off.
CREATE INDEX idempotency_reference ON idempotency (reference);
