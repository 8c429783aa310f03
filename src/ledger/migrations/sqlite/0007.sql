-- Schema 7: what the charity's own systems are told. A subscriber has a place in the feed; the events behind it
-- become deliveries as it moves on. Everything here goes with the event that it is about.

CREATE TABLE subscriber (
    name TEXT NOT NULL PRIMARY KEY CHECK (
        length(name) BETWEEN 1 AND 64 AND name NOT GLOB '*[^A-Za-z0-9._-]*'
    ),
    position INTEGER NOT NULL CHECK (position >= 0),
    -- When it said that it wants to hear no more.
    gone_at INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE delivery (
    position INTEGER NOT NULL REFERENCES event (sequence) ON DELETE CASCADE,
    subscriber TEXT NOT NULL REFERENCES subscriber (name),
    reference BLOB NOT NULL CHECK (length(reference) = 16),
    -- When it is tried next; NULL once it was taken or is given up.
    due_at INTEGER,
    tries INTEGER NOT NULL CHECK (tries >= 0),
    since INTEGER NOT NULL,
    taken_at INTEGER,
    PRIMARY KEY (position, subscriber)
) STRICT, WITHOUT ROWID;
CREATE INDEX delivery_due ON delivery (subscriber, due_at) WHERE due_at IS NOT NULL;
CREATE INDEX delivery_reference ON delivery (reference, subscriber, position);

CREATE TABLE attempt (
    position INTEGER NOT NULL,
    subscriber TEXT NOT NULL,
    at INTEGER NOT NULL,
    answer TEXT NOT NULL CHECK (answer IN (
        'taken', 'elsewhere', 'refused', 'gone', 'failed', 'lost', 'unreachable', 'forbidden'
    )),
    PRIMARY KEY (position, subscriber, at),
    FOREIGN KEY (position, subscriber) REFERENCES delivery (position, subscriber)
        ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
