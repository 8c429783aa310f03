-- Schema 2: what a processor that answers through an API can be asked by, and how far its reports
-- were read. Nothing here says who or how much.

-- The mark of every request that changes something, written before the request is sent.
CREATE TABLE trace (
    reference BLOB NOT NULL REFERENCES hand_off (reference),
    mark BLOB NOT NULL CHECK (length(mark) = 32),
    purpose TEXT NOT NULL CHECK (purpose = 'lodge' OR purpose = 'amend' OR purpose = 'cancel'),
    at INTEGER NOT NULL,
    PRIMARY KEY (reference, mark)
) STRICT, WITHOUT ROWID;

-- Up to when each of the processor's reports was read.
CREATE TABLE progress (
    report TEXT NOT NULL PRIMARY KEY CHECK (report = 'mandates' OR report = 'collections'),
    until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Whether a processor's reference was given to another hand-off.
CREATE INDEX event_processor_reference ON event (processor_reference)
WHERE processor_reference IS NOT NULL;
