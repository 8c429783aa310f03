-- Schema 5: who follows the delivery log finds what is new in it without reading all of it.

CREATE INDEX IF NOT EXISTS attempt_at ON attempt (at, position, subscriber);
