-- What the village's things and people are made of.

-- Where something stands or lies. What is carried has no row here.
CREATE TABLE positions (
    world  bigint NOT NULL,
    entity bigint NOT NULL,
    tick   bigint NOT NULL,
    x      integer NOT NULL,
    y      integer NOT NULL,
    -- Clockwise from north, 0 to 7.
    facing smallint NOT NULL,
    PRIMARY KEY (world, entity)
) WITH (fillfactor = 60, autovacuum_vacuum_scale_factor = 0.01);

-- How a character is, 0 to 100 each.
CREATE TABLE vitals (
    world  bigint NOT NULL,
    entity bigint NOT NULL,
    tick   bigint NOT NULL,
    health smallint NOT NULL,
    energy smallint NOT NULL,
    PRIMARY KEY (world, entity)
) WITH (fillfactor = 60, autovacuum_vacuum_scale_factor = 0.01);

-- What can be carried. Of each kind, the sum of the counts is what was ever made less what was used up.
CREATE TABLE items (
    world  bigint NOT NULL,
    entity bigint NOT NULL,
    tick   bigint NOT NULL,
    kind   integer NOT NULL,
    count  integer NOT NULL,
    PRIMARY KEY (world, entity)
) WITH (fillfactor = 60, autovacuum_vacuum_scale_factor = 0.01);

-- In which place of its owner's bag an item is; the owner is the entity's home.
CREATE TABLE carried (
    world  bigint NOT NULL,
    entity bigint NOT NULL,
    tick   bigint NOT NULL,
    slot   smallint NOT NULL,
    PRIMARY KEY (world, entity)
) WITH (fillfactor = 60, autovacuum_vacuum_scale_factor = 0.01);

-- What was said, for as long as it can be read.
CREATE TABLE utterances (
    world   bigint NOT NULL,
    entity  bigint NOT NULL,
    tick    bigint NOT NULL,
    speaker bigint NOT NULL,
    name    text NOT NULL,
    text    text NOT NULL,
    said_at bigint NOT NULL,
    PRIMARY KEY (world, entity)
) WITH (fillfactor = 60, autovacuum_vacuum_scale_factor = 0.01);
