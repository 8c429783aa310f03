-- Schema 2: what is written down as purged is sealed with the install key, as links are, so that nobody without
-- it can take events away and say that their time was over. An Almoner of schema 1 leaves both columns empty.
ALTER TABLE purged ADD COLUMN IF NOT EXISTS mark BYTEA CHECK (length(mark) = 8);
ALTER TABLE purged ADD COLUMN IF NOT EXISTS seal BYTEA CHECK (length(seal) = 32);
