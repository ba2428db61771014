-- What the ledger is made of, so that everything in it can be counted:
--   SELECT sum(balance) - 1000 * count(*) FROM purses      is 0,
--   SELECT count(*) - 2 * (SELECT count(*) FROM purses) FROM items      is 0.

-- In which group an account, a tape or an item is.
CREATE TABLE seats (
    world        bigint NOT NULL,
    entity       bigint NOT NULL,
    tick         bigint NOT NULL,
    group_number integer NOT NULL,
    PRIMARY KEY (world, entity)
) WITH (fillfactor = 60, autovacuum_vacuum_scale_factor = 0.01);

-- What an account has.
CREATE TABLE purses (
    world   bigint NOT NULL,
    entity  bigint NOT NULL,
    tick    bigint NOT NULL,
    balance bigint NOT NULL CHECK (balance >= 0),
    PRIMARY KEY (world, entity)
) WITH (fillfactor = 60, autovacuum_vacuum_scale_factor = 0.01);

-- What was appended, in order; at most 256 tokens, each a 64-bit number stored bit for bit.
CREATE TABLE tapes (
    world  bigint NOT NULL,
    entity bigint NOT NULL,
    tick   bigint NOT NULL,
    tokens bigint[] NOT NULL,
    PRIMARY KEY (world, entity)
) WITH (fillfactor = 60, autovacuum_vacuum_scale_factor = 0.01);

-- Who has which item.
CREATE TABLE items (
    world  bigint NOT NULL,
    entity bigint NOT NULL,
    tick   bigint NOT NULL,
    holder bigint NOT NULL,
    PRIMARY KEY (world, entity)
) WITH (fillfactor = 60, autovacuum_vacuum_scale_factor = 0.01);
