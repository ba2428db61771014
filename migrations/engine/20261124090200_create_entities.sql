-- Everything durable that is in a world, or in somebody's bag. What an entity is made of stands in the components'
-- tables, which are the game's.

CREATE TABLE holdfast.entities (
    world   bigint NOT NULL,
    entity  bigint NOT NULL,
    tick    bigint NOT NULL,
    -- What it is, in the game's numbering.
    kind    integer NOT NULL,
    -- The character whose load brings it; NULL for what belongs to the world.
    home    bigint,
    -- The tick at which it entered the chunk that it is in.
    entered bigint NOT NULL,
    PRIMARY KEY (world, entity)
) WITH (fillfactor = 60, autovacuum_vacuum_scale_factor = 0.01);

-- A start loads what has no home, a join what has the character as its home. Walking changes neither column, so that
-- most updates still rewrite no index.
CREATE INDEX entities_home ON holdfast.entities (world, home);

-- For which components `flush_tick` was generated: one row, written by `migrate`, compared at every start.
CREATE TABLE holdfast.registry (
    one         boolean PRIMARY KEY DEFAULT true CHECK (one),
    fingerprint text NOT NULL,
    generated   timestamptz NOT NULL DEFAULT now()
);
