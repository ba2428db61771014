-- Like the ledger's `pots`, without what only a world needs.
CREATE TABLE pot (
    id      bigint PRIMARY KEY,
    balance bigint NOT NULL CHECK (balance >= 0)
) WITH (fillfactor = 60, autovacuum_vacuum_scale_factor = 0.01);

-- One transfer. An UPDATE locks its row, so two of them in the order of ids are all the locking there is to do.
CREATE FUNCTION pay(p_from bigint, p_to bigint, p_amount bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF p_from < p_to THEN
        UPDATE pot SET balance = balance - p_amount WHERE id = p_from;
        UPDATE pot SET balance = balance + p_amount WHERE id = p_to;
    ELSE
        UPDATE pot SET balance = balance + p_amount WHERE id = p_to;
        UPDATE pot SET balance = balance - p_amount WHERE id = p_from;
    END IF;
END
$$;

-- A batch: by how much each of these purses changes, in the order of their ids. A plan that is made for the batch at hand
-- reads the whole table into a hash, and takes more than twice as long as one that looks each purse up.
CREATE FUNCTION pay_all(p_ids bigint[], p_changes bigint[]) RETURNS void
    LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    v_count bigint;
BEGIN
    UPDATE pot SET balance = pot.balance + d.change
        FROM unnest(p_ids, p_changes) AS d (id, change) WHERE pot.id = d.id;
    GET DIAGNOSTICS v_count = ROW_COUNT;
    IF v_count <> cardinality(p_ids) THEN
        RAISE EXCEPTION 'one of the purses is not there';
    END IF;
END
$$;
