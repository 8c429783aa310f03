-- Schema 3: one order for the events of all chains, in which programs of the charity's read them. A position is
-- given when somebody first asks for what is new, under the lock of `feed_end`, and never again: neither to
-- another event nor twice to the same. An Almoner of schema 2 writes and purges beside this as before.

-- Goes with its event.
CREATE TABLE IF NOT EXISTS feed (
    position BIGINT NOT NULL PRIMARY KEY CHECK (position > 0),
    instance BYTEA NOT NULL,
    sequence BIGINT NOT NULL,
    UNIQUE (instance, sequence),
    FOREIGN KEY (instance, sequence) REFERENCES event (instance, sequence) ON DELETE CASCADE
);

-- How far each chain has positions.
CREATE TABLE IF NOT EXISTS fed (
    instance BYTEA NOT NULL PRIMARY KEY REFERENCES instance (instance),
    sequence BIGINT NOT NULL CHECK (sequence >= 0)
);

-- The last position that was given.
CREATE TABLE IF NOT EXISTS feed_end (
    id BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    position BIGINT NOT NULL CHECK (position >= 0)
);
INSERT INTO feed_end (id, position) VALUES (1, 0) ON CONFLICT (id) DO NOTHING;
