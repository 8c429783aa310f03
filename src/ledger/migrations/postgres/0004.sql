-- Schema 4: what the charity's own systems are told. A subscriber has a place in the feed; the events behind it
-- become deliveries as it moves on. Everything here goes with the event that it is about. An Almoner of schema 3
-- tells nobody, and loses nothing of it.

CREATE TABLE IF NOT EXISTS subscriber (
    name TEXT NOT NULL PRIMARY KEY CHECK (name ~ '^[A-Za-z0-9._-]{1,64}$'),
    position BIGINT NOT NULL CHECK (position >= 0),
    -- When it said that it wants to hear no more.
    gone_at BIGINT
);

CREATE TABLE IF NOT EXISTS delivery (
    position BIGINT NOT NULL REFERENCES feed (position) ON DELETE CASCADE,
    subscriber TEXT NOT NULL REFERENCES subscriber (name),
    reference BYTEA NOT NULL CHECK (length(reference) = 16),
    -- When it is tried next; NULL once it was taken or is given up.
    due_at BIGINT,
    tries BIGINT NOT NULL CHECK (tries >= 0),
    since BIGINT NOT NULL,
    taken_at BIGINT,
    PRIMARY KEY (position, subscriber)
);
CREATE INDEX IF NOT EXISTS delivery_due ON delivery (subscriber, due_at) WHERE due_at IS NOT NULL;
CREATE INDEX IF NOT EXISTS delivery_reference ON delivery (reference, subscriber, position);

CREATE TABLE IF NOT EXISTS attempt (
    position BIGINT NOT NULL,
    subscriber TEXT NOT NULL,
    at BIGINT NOT NULL,
    answer TEXT NOT NULL CHECK (answer IN (
        'taken', 'elsewhere', 'refused', 'gone', 'failed', 'lost', 'unreachable', 'forbidden'
    )),
    PRIMARY KEY (position, subscriber, at),
    FOREIGN KEY (position, subscriber) REFERENCES delivery (position, subscriber)
        ON DELETE CASCADE
);
