-- Pots, which are nobody's and in no group: what programs pay from one into another.
--   SELECT sum(balance) FROM pots      is what they were opened with.
CREATE TABLE pots (
    world   bigint NOT NULL,
    entity  bigint NOT NULL,
    tick    bigint NOT NULL,
    balance bigint NOT NULL CHECK (balance >= 0),
    PRIMARY KEY (world, entity)
) WITH (fillfactor = 60, autovacuum_vacuum_scale_factor = 0.01);
