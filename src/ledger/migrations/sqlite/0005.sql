-- Schema 5: whose a processor's reference is stands in a table of its own, which only hand-offs whose dialect
-- asks for it are written to; an index of all events had every webhook change a page drawn by lot. And a
-- record that was moved into a database says so.

-- A row for every reference of the processor's that was told of a hand-off of `rsm2000`, or of one that is not
-- known (yet).
CREATE TABLE given (
    processor_reference TEXT NOT NULL,
    reference BLOB NOT NULL CHECK (length(reference) = 16),
    PRIMARY KEY (processor_reference, reference)
) STRICT, WITHOUT ROWID;
-- What goes with a hand-off.
CREATE INDEX given_reference ON given (reference);
INSERT INTO given SELECT DISTINCT processor_reference, reference FROM event
    WHERE processor_reference IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM hand_off WHERE hand_off.reference = event.reference AND dialect <> 'rsm2000'
    );
DROP INDEX event_processor_reference;

-- Where the record went: this file is not written to any more.
CREATE TABLE moved (
    id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    place TEXT NOT NULL CHECK (length(place) BETWEEN 1 AND 500)
) STRICT;
