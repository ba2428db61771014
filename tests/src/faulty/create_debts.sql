-- What somebody owes. The rule stands here and is forgotten in the game.
CREATE TABLE debts (
    world  bigint NOT NULL,
    entity bigint NOT NULL,
    tick   bigint NOT NULL,
    amount bigint NOT NULL CONSTRAINT debt_is_bearable CHECK (amount <= 1000),
    PRIMARY KEY (world, entity)
) WITH (fillfactor = 60, autovacuum_vacuum_scale_factor = 0.01);
