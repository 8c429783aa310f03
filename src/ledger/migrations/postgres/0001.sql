-- Schema 1 for engines that speak PostgreSQL's protocol: what gateway.md, section 5, allows to be kept, and not
-- a column more. BIGINT, TEXT and BYTEA alone, so that CockroachDB and YugabyteDB serve as well. Every statement
-- may be run again. Times are microseconds since 1970, sums are minor units.

-- One writer's chain: who starts a service begins one. `written` counts its transactions, so that one whose
-- commit was not answered can be told from one that never happened; `sequence` and `hash` are its newest link.
CREATE TABLE IF NOT EXISTS instance (
    instance BYTEA NOT NULL PRIMARY KEY CHECK (length(instance) = 16),
    begun_at BIGINT NOT NULL,
    genesis BYTEA NOT NULL CHECK (length(genesis) = 32),
    written BIGINT NOT NULL CHECK (written >= 0),
    sequence BIGINT NOT NULL CHECK (sequence >= 0),
    hash BYTEA NOT NULL CHECK (length(hash) = 32)
);

-- Which links of other chains a chain's beginning covers.
CREATE TABLE IF NOT EXISTS joined (
    instance BYTEA NOT NULL REFERENCES instance (instance),
    other BYTEA NOT NULL REFERENCES instance (instance),
    sequence BIGINT NOT NULL CHECK (sequence >= 0),
    hash BYTEA NOT NULL CHECK (length(hash) = 32),
    PRIMARY KEY (instance, other)
);
CREATE INDEX IF NOT EXISTS joined_other ON joined (other, sequence);

-- Links that were sealed with the install key: `mark` says with which.
CREATE TABLE IF NOT EXISTS head (
    instance BYTEA NOT NULL REFERENCES instance (instance),
    sequence BIGINT NOT NULL CHECK (sequence >= 0),
    hash BYTEA NOT NULL CHECK (length(hash) = 32),
    mark BYTEA NOT NULL CHECK (length(mark) = 8),
    seal BYTEA NOT NULL CHECK (length(seal) = 32),
    PRIMARY KEY (instance, sequence)
);

-- What was asked for. Written once.
CREATE TABLE IF NOT EXISTS hand_off (
    reference BYTEA NOT NULL PRIMARY KEY CHECK (length(reference) = 16),
    opened_at BIGINT NOT NULL,
    opened_as TEXT NOT NULL CHECK (opened_as IN ('handed_off', 'in_doubt')),
    kind TEXT NOT NULL CHECK (kind IN ('donate', 'join')),
    method TEXT NOT NULL CHECK (method IN ('card', 'direct_debit')),
    dialect TEXT NOT NULL CHECK (dialect IN ('signed', 'rsm2000')),
    mode TEXT NOT NULL CHECK (mode IN ('test', 'live')),
    amount BIGINT NOT NULL CHECK (amount > 0),
    currency TEXT NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    frequency TEXT NOT NULL CHECK (
        frequency IN ('once', 'monthly', 'quarterly', 'half-yearly', 'yearly')
    ),
    plan TEXT CHECK (plan ~ '^[A-Za-z0-9_-]{1,40}$'),
    appeal TEXT CHECK (appeal ~ '^[A-Za-z0-9_-]{1,40}$'),
    gift_aid BIGINT NOT NULL CHECK (gift_aid IN (0, 1)),
    merchant_reference TEXT CHECK (merchant_reference ~ '^[A-Za-z0-9._:/#-]{1,64}$')
);

-- What became known. `sequence` is its place in its writer's chain, `place` its place among all events of its
-- reference, whoever wrote them: two writers cannot both take one.
CREATE TABLE IF NOT EXISTS event (
    instance BYTEA NOT NULL REFERENCES instance (instance),
    place BIGINT NOT NULL CHECK (place > 0),
    sequence BIGINT NOT NULL CHECK (sequence > 0),
    reference BYTEA NOT NULL CHECK (length(reference) = 16),
    event_id BYTEA NOT NULL CHECK (length(event_id) = 16),
    source TEXT NOT NULL CHECK (source IN ('opened', 'notice', 'reply', 'enquiry', 'clock', 'person')),
    fact TEXT CHECK (fact IN (
        'accepted', 'declined', 'cancelled', 'lapsed', 'refunded', 'charged_back', 'mandate_live',
        'mandate_failed', 'mandate_cancelled', 'collection_paid', 'collection_unpaid', 'unrecognised',
        'overdue', 'not_found', 'pending'
    )),
    amount BIGINT CHECK (amount > 0),
    currency TEXT CHECK (currency ~ '^[A-Z]{3}$'),
    mode TEXT CHECK (mode IN ('test', 'live')),
    processor_reference TEXT CHECK (processor_reference ~ '^[A-Za-z0-9._:/-]{1,64}$'),
    code TEXT CHECK (code ~ '^[A-Za-z0-9._:/-]{1,64}$'),
    occurred_at BIGINT,
    state_before TEXT CHECK (
        state_before IN ('handed_off', 'in_doubt', 'accepted', 'declined', 'cancelled', 'lapsed')
    ),
    state_after TEXT CHECK (
        state_after IN ('handed_off', 'in_doubt', 'accepted', 'declined', 'cancelled', 'lapsed')
    ),
    recorded_at BIGINT NOT NULL,
    hash BYTEA NOT NULL CHECK (length(hash) = 32),
    PRIMARY KEY (instance, sequence),
    UNIQUE (reference, place),
    UNIQUE (reference, event_id),
    CHECK ((amount IS NULL) = (currency IS NULL)),
    CHECK ((fact IS NULL) = (source = 'opened')),
    CHECK ((occurred_at IS NULL) = (source = 'opened')),
    CHECK ((event_id = reference) = (source = 'opened'))
);
CREATE INDEX IF NOT EXISTS event_parked ON event (reference)
WHERE source <> 'opened' AND state_after IS NULL;
CREATE INDEX IF NOT EXISTS event_processor_reference ON event (processor_reference)
WHERE processor_reference IS NOT NULL;

-- What was purged when its time was over. Of every run of events that went, its place in its chain and the
-- hash that the next event follows on: the chain proves whole across it.
CREATE TABLE IF NOT EXISTS purged (
    instance BYTEA NOT NULL REFERENCES instance (instance),
    first BIGINT NOT NULL CHECK (first > 0),
    last BIGINT NOT NULL,
    hash BYTEA NOT NULL CHECK (length(hash) = 32),
    PRIMARY KEY (instance, first),
    UNIQUE (instance, last),
    CHECK (last >= first)
);

-- Whose outcome is awaited, and when to ask next. A row goes with the outcome. That of a doubt stays
-- until then even where nobody is asked any more: a person must find out (security.md, INV-6).
CREATE TABLE IF NOT EXISTS chase (
    reference BYTEA NOT NULL PRIMARY KEY REFERENCES hand_off (reference),
    due_at BIGINT,
    tries BIGINT NOT NULL CHECK (tries >= 0),
    -- When a hand-off was opened in doubt; NULL for a hosted page.
    doubt_since BIGINT,
    CHECK (due_at IS NOT NULL OR doubt_since IS NOT NULL)
);
CREATE INDEX IF NOT EXISTS chase_due ON chase (due_at);
CREATE INDEX IF NOT EXISTS chase_doubt ON chase (doubt_since, reference) WHERE doubt_since IS NOT NULL;

-- Which hand-off an API caller's key stands for: keyed hashes only.
CREATE TABLE IF NOT EXISTS idempotency (
    key BYTEA NOT NULL PRIMARY KEY CHECK (length(key) = 32),
    fingerprint BYTEA NOT NULL CHECK (length(fingerprint) = 32),
    reference BYTEA NOT NULL REFERENCES hand_off (reference),
    at BIGINT NOT NULL
);
CREATE INDEX IF NOT EXISTS idempotency_reference ON idempotency (reference);

-- The mark of every request that changes something, written before the request is sent.
CREATE TABLE IF NOT EXISTS trace (
    reference BYTEA NOT NULL REFERENCES hand_off (reference),
    mark BYTEA NOT NULL CHECK (length(mark) = 32),
    purpose TEXT NOT NULL CHECK (purpose IN ('lodge', 'amend', 'cancel')),
    at BIGINT NOT NULL,
    PRIMARY KEY (reference, mark)
);

-- Up to when each of the processor's reports was read.
CREATE TABLE IF NOT EXISTS progress (
    report TEXT NOT NULL PRIMARY KEY CHECK (report IN ('mandates', 'collections')),
    until BIGINT NOT NULL
);
