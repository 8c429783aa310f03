-- Schema 6: a hand-off and what was heard of it stand side by side in one tree, so that a look-up reads one page
-- of a large file where it read four, far apart. What was asked for is written with the event that opens the
-- hand-off; `hand_off` is a view of these events. Both were one row each before, with the same times, and both
-- are in the hash of the opening: the rows, their hashes and so the chain are the same afterwards.

CREATE TABLE event_wider (
    sequence INTEGER NOT NULL UNIQUE CHECK (sequence > 0),
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
    -- What was asked for: in an opening, and nowhere else.
    opened_as TEXT CHECK (opened_as IN ('handed_off', 'in_doubt')),
    kind TEXT CHECK (kind IN ('donate', 'join')),
    method TEXT CHECK (method IN ('card', 'direct_debit')),
    dialect TEXT CHECK (dialect IN ('signed', 'rsm2000')),
    asked_mode TEXT CHECK (asked_mode IN ('test', 'live')),
    asked_amount INTEGER CHECK (asked_amount > 0),
    asked_currency TEXT CHECK (
        length(asked_currency) = 3 AND asked_currency NOT GLOB '*[^A-Z]*'
    ),
    frequency TEXT CHECK (
        frequency = 'once' OR frequency = 'monthly' OR frequency = 'quarterly'
        OR frequency = 'half-yearly' OR frequency = 'yearly'
    ),
    plan TEXT CHECK (length(plan) BETWEEN 1 AND 40 AND plan NOT GLOB '*[^A-Za-z0-9_-]*'),
    appeal TEXT CHECK (length(appeal) BETWEEN 1 AND 40 AND appeal NOT GLOB '*[^A-Za-z0-9_-]*'),
    gift_aid INTEGER CHECK (gift_aid IN (0, 1)),
    merchant_reference TEXT CHECK (
        length(merchant_reference) BETWEEN 1 AND 64
        AND merchant_reference NOT GLOB '*[^A-Za-z0-9._:/#-]*'
    ),
    PRIMARY KEY (reference, event_id),
    CHECK ((amount IS NULL) = (currency IS NULL)),
    CHECK ((fact IS NULL) = (source = 'opened')),
    CHECK ((occurred_at IS NULL) = (source = 'opened')),
    CHECK ((event_id = reference) = (source = 'opened')),
    CHECK (CASE source
        WHEN 'opened' THEN coalesce(amount, mode, processor_reference, code, state_before) IS NULL
            AND state_after IS NOT NULL AND opened_as IS NOT NULL AND kind IS NOT NULL
            AND method IS NOT NULL AND dialect IS NOT NULL AND asked_mode IS NOT NULL
            AND asked_amount IS NOT NULL AND asked_currency IS NOT NULL
            AND frequency IS NOT NULL AND gift_aid IS NOT NULL
        ELSE (state_before IS NULL) = (state_after IS NULL) AND coalesce(
            opened_as, kind, method, dialect, asked_mode, asked_amount, asked_currency, frequency,
            plan, appeal, gift_aid, merchant_reference
        ) IS NULL
    END)
) STRICT, WITHOUT ROWID;
INSERT INTO event_wider SELECT event.*, opened_as, kind, method, dialect, hand_off.mode,
    hand_off.amount, hand_off.currency, frequency, plan, appeal, gift_aid, merchant_reference
    FROM event LEFT JOIN hand_off ON event.source = 'opened'
        AND hand_off.reference = event.reference AND hand_off.opened_at = event.recorded_at
    ORDER BY sequence;
-- A hand-off whose opening somebody took away has no place here: such a file is refused, not tidied.
CREATE TEMP TABLE guard (
    lost INTEGER CONSTRAINT every_hand_off_has_its_opening CHECK (lost = 0)
) STRICT;
INSERT INTO guard SELECT (SELECT count(*) FROM hand_off)
    - (SELECT count(*) FROM event_wider WHERE source = 'opened');
DROP TABLE temp.guard;
DROP TABLE event;
ALTER TABLE event_wider RENAME TO event;
CREATE INDEX event_parked ON event (sequence) WHERE source <> 'opened' AND state_after IS NULL;
CREATE TRIGGER event_never_changes BEFORE UPDATE ON event
BEGIN SELECT RAISE(ABORT, 'an event never changes'); END;
CREATE TRIGGER event_stays BEFORE DELETE ON event WHEN NOT EXISTS (SELECT 1 FROM purge)
BEGIN SELECT RAISE(ABORT, 'an event is deleted by the purge alone'); END;

-- What belongs to a hand-off belongs to the event that opened it, whose id is the reference.
CREATE TABLE chase_wider (
    reference BLOB NOT NULL PRIMARY KEY,
    due_at INTEGER,
    tries INTEGER NOT NULL CHECK (tries >= 0),
    -- When a hand-off was opened in doubt; NULL for a hosted page.
    doubt_since INTEGER,
    CHECK (due_at IS NOT NULL OR doubt_since IS NOT NULL),
    FOREIGN KEY (reference, reference) REFERENCES event (reference, event_id)
) STRICT, WITHOUT ROWID;
INSERT INTO chase_wider SELECT * FROM chase;
DROP TABLE chase;
ALTER TABLE chase_wider RENAME TO chase;
CREATE INDEX chase_due ON chase (due_at);
CREATE INDEX chase_doubt ON chase (doubt_since, reference) WHERE doubt_since IS NOT NULL;

CREATE TABLE idempotency_wider (
    key BLOB NOT NULL PRIMARY KEY CHECK (length(key) = 32),
    fingerprint BLOB NOT NULL CHECK (length(fingerprint) = 32),
    reference BLOB NOT NULL,
    at INTEGER NOT NULL,
    FOREIGN KEY (reference, reference) REFERENCES event (reference, event_id)
) STRICT, WITHOUT ROWID;
INSERT INTO idempotency_wider SELECT * FROM idempotency;
DROP TABLE idempotency;
ALTER TABLE idempotency_wider RENAME TO idempotency;
CREATE INDEX idempotency_reference ON idempotency (reference);

CREATE TABLE trace_wider (
    reference BLOB NOT NULL,
    mark BLOB NOT NULL CHECK (length(mark) = 32),
    purpose TEXT NOT NULL CHECK (purpose = 'lodge' OR purpose = 'amend' OR purpose = 'cancel'),
    at INTEGER NOT NULL,
    PRIMARY KEY (reference, mark),
    FOREIGN KEY (reference, reference) REFERENCES event (reference, event_id)
) STRICT, WITHOUT ROWID;
INSERT INTO trace_wider SELECT * FROM trace;
DROP TABLE trace;
ALTER TABLE trace_wider RENAME TO trace;

DROP TABLE hand_off;
CREATE VIEW hand_off AS SELECT reference, recorded_at AS opened_at, opened_as, kind, method, dialect,
    asked_mode AS mode, asked_amount AS amount, asked_currency AS currency, frequency, plan, appeal,
    gift_aid, merchant_reference
    FROM event WHERE event_id = reference;
