-- Schema 1: what gateway.md, section 5, allows to be kept, and not a column more. Texts are closed
-- lists or closed alphabets, so that no name, address or card number has a place here.
-- Times are microseconds since 1970, sums are minor units. Lists of words are chains of OR because
-- SQLite builds a table for every IN of three or more, on every insert.
PRAGMA application_id = 1097624942; -- "Almn"

-- What was asked for. Written once.
CREATE TABLE hand_off (
    reference BLOB NOT NULL PRIMARY KEY CHECK (length(reference) = 16),
    opened_at INTEGER NOT NULL,
    opened_as TEXT NOT NULL CHECK (opened_as IN ('handed_off', 'in_doubt')),
    kind TEXT NOT NULL CHECK (kind IN ('donate', 'join')),
    method TEXT NOT NULL CHECK (method IN ('card', 'direct_debit')),
    -- Both dialects that gateway.md names: a CHECK cannot be widened without copying the table.
    dialect TEXT NOT NULL CHECK (dialect IN ('signed', 'rsm2000')),
    mode TEXT NOT NULL CHECK (mode IN ('test', 'live')),
    amount INTEGER NOT NULL CHECK (amount > 0),
    currency TEXT NOT NULL CHECK (length(currency) = 3 AND currency NOT GLOB '*[^A-Z]*'),
    frequency TEXT NOT NULL CHECK (
        frequency = 'once' OR frequency = 'monthly' OR frequency = 'quarterly'
        OR frequency = 'half-yearly' OR frequency = 'yearly'
    ),
    plan TEXT CHECK (length(plan) BETWEEN 1 AND 40 AND plan NOT GLOB '*[^A-Za-z0-9_-]*'),
    appeal TEXT CHECK (length(appeal) BETWEEN 1 AND 40 AND appeal NOT GLOB '*[^A-Za-z0-9_-]*'),
    gift_aid INTEGER NOT NULL CHECK (gift_aid IN (0, 1)),
    merchant_reference TEXT CHECK (
        length(merchant_reference) BETWEEN 1 AND 64
        AND merchant_reference NOT GLOB '*[^A-Za-z0-9._:/#-]*'
    )
) STRICT, WITHOUT ROWID;

-- What became known, in the order in which it was recorded; each hash covers the one before.
-- The opening of a hand-off is an event too (source 'opened', event_id = reference), so that the
-- chain covers both tables. Events whose hand-off is unknown are parked: both states are NULL.
CREATE TABLE event (
    sequence INTEGER NOT NULL PRIMARY KEY CHECK (sequence > 0),
    reference BLOB NOT NULL CHECK (length(reference) = 16),
    event_id BLOB NOT NULL CHECK (length(event_id) = 16),
    source TEXT NOT NULL CHECK (
        source = 'opened' OR source = 'notice' OR source = 'reply' OR source = 'enquiry'
        OR source = 'clock'
    ),
    fact TEXT CHECK (
        fact = 'accepted' OR fact = 'declined' OR fact = 'cancelled' OR fact = 'lapsed'
        OR fact = 'refunded' OR fact = 'charged_back' OR fact = 'mandate_live'
        OR fact = 'mandate_failed' OR fact = 'mandate_cancelled' OR fact = 'collection_paid'
        OR fact = 'collection_unpaid' OR fact = 'unrecognised' OR fact = 'overdue'
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
CREATE INDEX event_parked ON event (sequence) WHERE source <> 'opened' AND state_after IS NULL;

-- Whose outcome is awaited, and when to ask next. A row goes with the outcome.
CREATE TABLE chase (
    reference BLOB NOT NULL PRIMARY KEY REFERENCES hand_off (reference),
    due_at INTEGER NOT NULL,
    tries INTEGER NOT NULL CHECK (tries >= 0)
) STRICT, WITHOUT ROWID;
CREATE INDEX chase_due ON chase (due_at);

-- Which hand-off an API caller's key stands for: keyed hashes only.
CREATE TABLE idempotency (
    key BLOB NOT NULL PRIMARY KEY CHECK (length(key) = 32),
    fingerprint BLOB NOT NULL CHECK (length(fingerprint) = 32),
    reference BLOB NOT NULL REFERENCES hand_off (reference),
    at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- While a row stands here, rows may be deleted that are past their time.
CREATE TABLE purge (
    id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    begun_at INTEGER NOT NULL
) STRICT;

CREATE TRIGGER hand_off_never_changes BEFORE UPDATE ON hand_off
BEGIN SELECT RAISE(ABORT, 'a hand-off never changes'); END;
CREATE TRIGGER hand_off_stays BEFORE DELETE ON hand_off WHEN NOT EXISTS (SELECT 1 FROM purge)
BEGIN SELECT RAISE(ABORT, 'a hand-off is deleted by the purge alone'); END;
CREATE TRIGGER event_never_changes BEFORE UPDATE ON event
BEGIN SELECT RAISE(ABORT, 'an event never changes'); END;
CREATE TRIGGER event_stays BEFORE DELETE ON event WHEN NOT EXISTS (SELECT 1 FROM purge)
BEGIN SELECT RAISE(ABORT, 'an event is deleted by the purge alone'); END;
