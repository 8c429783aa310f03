-- Schema 8: who follows the delivery log finds what is new in it without reading all of it.

CREATE INDEX attempt_at ON attempt (at);
