-- Schema 3: what a person found out, what the processor says of a doubt without settling it, and the
-- list of what is in doubt. A CHECK cannot be widened without copying its table: the rows, their hashes
-- and so the chain are the same afterwards.

CREATE TABLE event_wider (
    sequence INTEGER NOT NULL PRIMARY KEY CHECK (sequence > 0),
    reference BLOB NOT NULL CHECK (length(reference) = 16),
    event_id BLOB NOT NULL CHECK (length(event_id) = 16),
    source TEXT NOT NULL CHECK (
        source = 'opened' OR source = 'notice' OR source = 'reply' OR source = 'enquiry'
        OR source = 'clock' OR source = 'person'
    ),
    fact TEXT CHECK (
        fact = 'accepted' OR fact = 'declined' OR fact = 'cancelled' OR fact = 'lapsed'
        OR fact = 'refunded' OR fact = 'charged_back' OR fact = 'mandate_live'
        OR fact = 'mandate_failed' OR fact = 'mandate_cancelled' OR fact = 'collection_paid'
        OR fact = 'collection_unpaid' OR fact = 'unrecognised' OR fact = 'overdue'
        OR fact = 'not_found' OR fact = 'pending'
    ),
    amount INTEGER CHECK (amount > 0),
    currency TEXT CHECK (length(currency) = 3 AND currency NOT GLOB '*[^A-Z]*'),
    mode TEXT CHECK (mode IN ('test', 'live')),
    processor_reference TEXT CHECK (
        length(processor_reference) BETWEEN 1 AND 64
        AND processor_reference NOT GLOB '*[^A-Za-z0-9._:/-]*'
    ),
    code TEXT CHECK (length(code) BETWEEN 1 AND 64 AND code NOT GLOB '*[^A-Za-z0-9._:/-]*'),
    occurred_at INTEGER,
    state_before TEXT CHECK (
        state_before = 'handed_off' OR state_before = 'in_doubt' OR state_before = 'accepted'
        OR state_before = 'declined' OR state_before = 'cancelled' OR state_before = 'lapsed'
    ),
    state_after TEXT CHECK (
        state_after = 'handed_off' OR state_after = 'in_doubt' OR state_after = 'accepted'
        OR state_after = 'declined' OR state_after = 'cancelled' OR state_after = 'lapsed'
    ),
    recorded_at INTEGER NOT NULL,
    hash BLOB NOT NULL CHECK (length(hash) = 32),
    UNIQUE (reference, event_id),
    CHECK ((amount IS NULL) = (currency IS NULL)),
    CHECK ((fact IS NULL) = (source = 'opened')),
    CHECK ((occurred_at IS NULL) = (source = 'opened')),
    CHECK ((event_id = reference) = (source = 'opened')),
    CHECK (CASE source
        WHEN 'opened' THEN coalesce(amount, mode, processor_reference, code, state_before) IS NULL
            AND state_after IS NOT NULL
        ELSE (state_before IS NULL) = (state_after IS NULL)
    END)
) STRICT;
INSERT INTO event_wider SELECT * FROM event ORDER BY sequence;
DROP TABLE event;
ALTER TABLE event_wider RENAME TO event;
CREATE INDEX event_parked ON event (sequence) WHERE source <> 'opened' AND state_after IS NULL;
CREATE INDEX event_processor_reference ON event (processor_reference)
WHERE processor_reference IS NOT NULL;
CREATE TRIGGER event_never_changes BEFORE UPDATE ON event
BEGIN SELECT RAISE(ABORT, 'an event never changes'); END;
CREATE TRIGGER event_stays BEFORE DELETE ON event WHEN NOT EXISTS (SELECT 1 FROM purge)
BEGIN SELECT RAISE(ABORT, 'an event is deleted by the purge alone'); END;

-- Whose outcome is awaited, and when to ask next. A row goes with the outcome. That of a doubt stays
-- until then even where nobody is asked any more: a person must find out (security.md, INV-6).
CREATE TABLE chase_wider (
    reference BLOB NOT NULL PRIMARY KEY REFERENCES hand_off (reference),
    due_at INTEGER,
    tries INTEGER NOT NULL CHECK (tries >= 0),
    -- When a hand-off was opened in doubt; NULL for a hosted page.
    doubt_since INTEGER,
    CHECK (due_at IS NOT NULL OR doubt_since IS NOT NULL)
) STRICT, WITHOUT ROWID;
INSERT INTO chase_wider SELECT reference, due_at, tries,
    CASE opened_as WHEN 'in_doubt' THEN opened_at END
    FROM chase JOIN hand_off USING (reference);
-- Doubts that were given up before.
INSERT INTO chase_wider SELECT reference, NULL, 0, opened_at FROM hand_off
    WHERE opened_as = 'in_doubt' AND reference NOT IN (SELECT reference FROM chase)
    AND 'in_doubt' = (
        SELECT state_after FROM event WHERE event.reference = hand_off.reference
        ORDER BY sequence DESC LIMIT 1
    );
DROP TABLE chase;
ALTER TABLE chase_wider RENAME TO chase;
CREATE INDEX chase_due ON chase (due_at);
CREATE INDEX chase_doubt ON chase (doubt_since, reference) WHERE doubt_since IS NOT NULL;
