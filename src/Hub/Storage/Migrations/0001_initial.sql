-- Everything the hub must not forget. Times are milliseconds since 1970-01-01 UTC. Digests are SHA-256 in lower-case hexadecimal. "Immutable" columns are
-- written once. No column can hold a record, an unmasked vector, an opened share or a result: the hub is never sent one.

CREATE TABLE consortium (
    version    INTEGER NOT NULL PRIMARY KEY, -- the consortium's version, from 1; immutable
    digest     TEXT    NOT NULL UNIQUE,      -- digest of the payload; immutable
    envelope   BLOB    NOT NULL,             -- the consortium file as it was given; immutable
    adopted_at INTEGER NOT NULL              -- when this hub took it over; immutable
) STRICT;

CREATE TABLE study (
    agreement   TEXT    NOT NULL PRIMARY KEY, -- digest of the study's payload; immutable
    proposal    BLOB    NOT NULL,             -- DSSE with the researcher's signature, as it arrived; immutable
    proposed_at INTEGER NOT NULL,             -- immutable
    in_force    BLOB,                         -- DSSE with every signature; null until all have signed, then immutable
    in_force_at INTEGER                       -- null until all have signed, then immutable
) STRICT;

CREATE TABLE study_decision (
    agreement    TEXT    NOT NULL REFERENCES study (agreement), -- immutable
    organisation TEXT    NOT NULL,                              -- the party that decided; immutable
    role         INTEGER NOT NULL,                              -- 1 site, 2 key holder; immutable
    signed       INTEGER NOT NULL,                              -- 1 it signed, 0 it refused; a refusal may become a signature, never the reverse
    envelope     BLOB    NOT NULL,                              -- DSSE as it arrived
    decided_at   INTEGER NOT NULL,                              -- when it arrived
    PRIMARY KEY (agreement, organisation, role)
) STRICT;

CREATE TABLE run (
    run              TEXT    NOT NULL PRIMARY KEY, -- the run id; one request per id, for ever; immutable
    round            INTEGER NOT NULL,             -- immutable
    request          TEXT    NOT NULL,             -- digest of the request's payload; immutable
    request_envelope BLOB    NOT NULL,             -- DSSE as it arrived; immutable
    release          TEXT,                         -- digest of question, noise and price; null at exact precision; immutable
    charge           INTEGER NOT NULL,             -- nano-ρ a site is charged for its answer; 0 at exact precision; immutable
    agreement        TEXT    NOT NULL REFERENCES study (agreement), -- immutable
    consortium       TEXT    NOT NULL,             -- digest of the consortium version the request names; immutable
    vector_length    INTEGER NOT NULL,             -- counters; immutable
    word_bits        INTEGER NOT NULL,             -- of a counter, 32 or 64; immutable
    attachment       TEXT,                         -- digest of what travels beside the request; null for most; immutable
    attachment_size  INTEGER,                      -- its bytes; immutable
    recipients       INTEGER NOT NULL,             -- researchers the shares are sealed to; immutable
    minimum_sites    INTEGER NOT NULL,             -- from the agreement; immutable
    expires_at       INTEGER NOT NULL,             -- from the request; immutable
    accepted_at      INTEGER NOT NULL,             -- immutable
    phase            INTEGER NOT NULL,             -- 1 collecting, 3 opening, 4 opened, 5 failed, 6 attaching
    phase_since      INTEGER NOT NULL,             -- when the phase began
    failure_code     TEXT,                         -- a refusal code; null unless failed
    failure_message  TEXT,                         -- for people; ids and bounds only
    may_resume       INTEGER NOT NULL DEFAULT 0,   -- 1 when failed for want of a share: the same request goes on with the same roll
    roll_envelope    BLOB,                         -- DSSE signed by the hub; null until combined, then immutable
    roll             TEXT,                         -- digest of the roll's payload; null until combined, then immutable
    masked_sum       TEXT                          -- digest of the masked sum's bytes; null until combined, then immutable
) STRICT;

CREATE INDEX run_by_phase ON run (phase, phase_since);
CREATE INDEX run_by_agreement ON run (agreement) WHERE charge > 0;
CREATE INDEX run_by_release ON run (release) WHERE release IS NOT NULL;

-- The newest entry of each site's privacy ledger that a contribution of its named, to show the site when it connects.
CREATE TABLE ledger_witness (
    site         TEXT    NOT NULL PRIMARY KEY, -- immutable
    sequence     INTEGER NOT NULL,             -- only grows
    contribution BLOB    NOT NULL              -- DSSE of the contribution statement that names it
) STRICT;

-- A second roll for a run cannot be written, whatever the code does.
CREATE TRIGGER run_has_one_roll BEFORE UPDATE OF roll_envelope, roll, masked_sum ON run
WHEN OLD.roll IS NOT NULL AND (NEW.roll IS NOT OLD.roll OR NEW.roll_envelope IS NOT OLD.roll_envelope OR NEW.masked_sum IS NOT OLD.masked_sum)
BEGIN
    SELECT RAISE(ABORT, 'a run has one roll');
END;

CREATE TABLE run_party (
    run             TEXT    NOT NULL REFERENCES run (run), -- immutable
    organisation    TEXT    NOT NULL,                      -- immutable
    role            INTEGER NOT NULL,                      -- 1 site, 2 key holder; immutable
    phase           INTEGER NOT NULL,                      -- 1 not asked, 2 asked, 3 receiving, 4 answered, 5 refused, 6 absent
    statement       BLOB,                                  -- DSSE of its contribution or share statement; null until announced
    payload         TEXT,                                  -- digest of that statement's payload
    transfer        TEXT,                                  -- digest of the bytes it announced
    size            INTEGER,                               -- number of those bytes
    refusal         BLOB,                                  -- DSSE of a refusal statement, signed by the party, or by the hub when it refused the party
    refusal_code    TEXT,                                  -- a refusal code
    refusal_message TEXT,                                  -- for people; ids and bounds only
    told_end        INTEGER NOT NULL DEFAULT 0,            -- 1 once it was sent that the run is over
    PRIMARY KEY (run, organisation, role)
) STRICT;

CREATE INDEX run_party_to_tell ON run_party (organisation, role) WHERE told_end = 0;

-- Bytes of masked vectors, sealed shares and attachments as they arrive, and of masked sums. Rows of one owner follow each other without gap or overlap.
CREATE TABLE run_bytes (
    run          TEXT    NOT NULL REFERENCES run (run), -- immutable
    organisation TEXT    NOT NULL,                      -- whose bytes; empty for masked sum and attachment; immutable
    role         INTEGER NOT NULL,                      -- 1 a site's masked vector, 2 a key holder's sealed share, 0 the masked sum, -1 the attachment; immutable
    start        INTEGER NOT NULL,                      -- offset of the first byte; immutable
    data         BLOB    NOT NULL,                      -- 1 byte to 1 MiB; immutable
    PRIMARY KEY (run, organisation, role, start)
) STRICT;
