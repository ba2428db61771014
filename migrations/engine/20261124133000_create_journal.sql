-- What each flush was asked, what it touched, what its rows were before and after, and what was said. The flush inserts
-- into these tables and nobody ever updates them, so they are partitioned by day (of this database's clock, in UTC): the
-- past goes by dropping tables, not rows. Each has a DEFAULT partition: should a day's be missing, its rows fall there,
-- and no flush fails for it.

-- One row per flush that was asked anything.
CREATE TABLE holdfast.journal (
    world     bigint NOT NULL,
    epoch     bigint NOT NULL,
    -- The flush made the ticks after this one durable …
    from_tick bigint NOT NULL,
    -- … up to this one.
    to_tick   bigint NOT NULL,
    at        timestamptz NOT NULL,
    -- What was asked and what came of it, in order, beginning with a format version. Holds no free text.
    inputs    bytea NOT NULL
) PARTITION BY RANGE (at);
CREATE INDEX journal_tick ON holdfast.journal (world, to_tick);

-- From an entity to the flushes whose inputs touched it; plain moves are not in it.
CREATE TABLE holdfast.journal_entities (
    world   bigint NOT NULL,
    entity  bigint NOT NULL,
    to_tick bigint NOT NULL,
    at      timestamptz NOT NULL
) PARTITION BY RANGE (at);
CREATE INDEX journal_entities_entity ON holdfast.journal_entities (world, entity, to_tick);

-- One row per flush that changed rows: what they were, and what they are.
CREATE TABLE holdfast.row_images (
    world     bigint NOT NULL,
    epoch     bigint NOT NULL,
    from_tick bigint NOT NULL,
    to_tick   bigint NOT NULL,
    at        timestamptz NOT NULL,
    -- All images of the flush, beginning with a format version. Holds no free text.
    images    bytea NOT NULL
) PARTITION BY RANGE (at);
-- They live for a day: compressing them would cost more than it saves.
ALTER TABLE holdfast.row_images ALTER COLUMN images SET STORAGE EXTERNAL;
CREATE INDEX row_images_tick ON holdfast.row_images (world, to_tick);

-- What was said: the only place where free text outlives the thing that bore it.
CREATE TABLE holdfast.chat (
    world   bigint NOT NULL,
    tick    bigint NOT NULL,
    at      timestamptz NOT NULL,
    -- Its place among what the same flush wrote: lines of one tick are in this order.
    line    integer NOT NULL,
    speaker bigint NOT NULL,
    channel text NOT NULL,
    text    text NOT NULL
) PARTITION BY RANGE (at);

CREATE TABLE holdfast.journal_default PARTITION OF holdfast.journal DEFAULT;
CREATE TABLE holdfast.journal_entities_default PARTITION OF holdfast.journal_entities DEFAULT;
CREATE TABLE holdfast.row_images_default PARTITION OF holdfast.row_images DEFAULT;
CREATE TABLE holdfast.chat_default PARTITION OF holdfast.chat DEFAULT;

-- How long each is kept. A day goes when all of it is older, so what is kept for 24 hours is there for up to 48. An
-- operator changes it here, as the schema's owner; the next run of the job goes by it.
CREATE TABLE holdfast.retention (
    about text PRIMARY KEY CHECK (about IN ('journal', 'journal_entities', 'row_images', 'chat')),
    keep  interval NOT NULL CHECK (keep >= interval '1 hour' AND keep <= interval '100 years')
);
INSERT INTO holdfast.retention (about, keep) VALUES
    ('journal', interval '30 days'), ('journal_entities', interval '30 days'),
    ('row_images', interval '24 hours'), ('chat', interval '30 days');

-- Makes a table's partition of the day that begins at p_day, with what fell into DEFAULT meanwhile. The lock on DEFAULT
-- keeps out only who would write to that day (or another that is missing); attaching keeps out nobody else.
CREATE FUNCTION holdfast.make_partition(p_about text, p_day timestamptz) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, holdfast, pg_temp SET timezone = 'UTC' SET datestyle = 'ISO'
    AS $$
DECLARE
    v_name text := format('%s_%s', p_about, to_char(p_day, 'YYYYMMDD'));
    v_end  timestamptz := p_day + interval '1 day';
BEGIN
    -- Only ever inserted into and dropped: freezing its rows would be work for nothing.
    EXECUTE format('CREATE TABLE holdfast.%I (LIKE holdfast.%I INCLUDING ALL)
        WITH (autovacuum_vacuum_insert_threshold = -1)', v_name, p_about);
    EXECUTE format('LOCK TABLE holdfast.%I IN ACCESS EXCLUSIVE MODE', p_about || '_default');
    EXECUTE format('WITH moved AS (DELETE FROM holdfast.%I WHERE at >= %L AND at < %L RETURNING *)
        INSERT INTO holdfast.%I SELECT * FROM moved', p_about || '_default', p_day, v_end, v_name);
    EXECUTE format('ALTER TABLE holdfast.%I ATTACH PARTITION holdfast.%I FOR VALUES FROM (%L) TO (%L)',
        p_about, v_name, p_day, v_end);
END
$$;

-- Does one thing that is due and says what it was; NULL where nothing is. Called again and again, each time in a
-- transaction of its own: no lock is kept while another is waited for. Detaching is plain, since CONCURRENTLY is not
-- allowed beside a DEFAULT partition, so it waits for readers; it gives up after a tick's time, lest the flushes queue
-- behind it. Where all that is due is locked it raises lock_not_available: call it again a little later.
--
-- In this order: a week ahead for each table; then what fell into DEFAULT goes where it belongs, or goes; then the days
-- that are over are detached, which makes them `…_expired`, and dropped.
CREATE FUNCTION holdfast.keep_partitions() RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, holdfast, pg_temp
    SET timezone = 'UTC' SET datestyle = 'ISO' SET lock_timeout = '50ms'
    AS $$
DECLARE
    v_now    timestamptz := clock_timestamp();
    v_today  timestamptz := date_trunc('day', clock_timestamp());
    v_locked text;
    v_name   text;
    v_about  text;
    v_day    timestamptz;
    v_keep   interval;
    v_count  bigint;
BEGIN
    -- The letters of `KEEP`: two jobs at once would find the same things due.
    IF NOT pg_try_advisory_xact_lock(1262831952) THEN
        RAISE EXCEPTION 'another job keeps the partitions' USING ERRCODE = 'lock_not_available';
    END IF;

    FOR v_about, v_day IN
        SELECT r.about, v_today + ahead * interval '1 day'
        FROM generate_series(0, 7) AS ahead CROSS JOIN holdfast.retention AS r ORDER BY ahead, r.about
    LOOP
        v_name := format('%s_%s', v_about, to_char(v_day, 'YYYYMMDD'));
        CONTINUE WHEN to_regclass(format('holdfast.%I', v_name)) IS NOT NULL;
        BEGIN
            PERFORM holdfast.make_partition(v_about, v_day);
            RETURN format('made %s', v_name);
        EXCEPTION WHEN lock_not_available THEN
            v_locked := v_name;
        END;
    END LOOP;

    FOR v_about, v_keep IN SELECT r.about, r.keep FROM holdfast.retention AS r ORDER BY r.about LOOP
        EXECUTE format('SELECT date_trunc(''day'', min(at)) FROM holdfast.%I', v_about || '_default') INTO v_day;
        CONTINUE WHEN v_day IS NULL;
        v_name := format('%s_%s', v_about, to_char(v_day, 'YYYYMMDD'));
        BEGIN
            IF v_day + interval '1 day' <= v_now - v_keep THEN
                EXECUTE format('DELETE FROM holdfast.%I WHERE at >= %L AND at < %L',
                    v_about || '_default', v_day, v_day + interval '1 day');
                GET DIAGNOSTICS v_count = ROW_COUNT;
                RETURN format('removed %s rows of %s', v_count, v_name);
            END IF;
            -- Where somebody has detached that day by hand, and kept it, what came later stays in DEFAULT.
            CONTINUE WHEN to_regclass(format('holdfast.%I', v_name)) IS NOT NULL;
            PERFORM holdfast.make_partition(v_about, v_day);
            RETURN format('made %s of what had fallen into DEFAULT', v_name);
        EXCEPTION WHEN lock_not_available THEN
            v_locked := v_name;
        END;
    END LOOP;

    FOR v_about, v_name IN
        SELECT r.about, c.relname::text
        FROM holdfast.retention AS r
        JOIN pg_inherits AS i ON i.inhparent = format('holdfast.%I', r.about)::regclass
        JOIN pg_class AS c ON c.oid = i.inhrelid
        WHERE to_timestamp(substring(c.relname FROM '^' || r.about || '_([0-9]{8})$'), 'YYYYMMDD') + interval '1 day'
            <= v_now - r.keep
        ORDER BY c.relname
    LOOP
        BEGIN
            EXECUTE format('ALTER TABLE holdfast.%I DETACH PARTITION holdfast.%I', v_about, v_name);
            EXECUTE format('ALTER TABLE holdfast.%I RENAME TO %I', v_name, v_name || '_expired');
            RETURN format('detached %s', v_name);
        EXCEPTION WHEN lock_not_available THEN
            v_locked := v_name;
        END;
    END LOOP;

    FOR v_name IN
        SELECT c.relname::text FROM pg_class AS c
        WHERE c.relnamespace = 'holdfast'::regnamespace AND c.relkind = 'r' AND NOT c.relispartition
            AND c.relname ~ '^(journal|journal_entities|row_images|chat)_[0-9]{8}_expired$'
        ORDER BY c.relname
    LOOP
        BEGIN
            EXECUTE format('DROP TABLE holdfast.%I', v_name);
            RETURN format('dropped %s', v_name);
        EXCEPTION WHEN lock_not_available THEN
            v_locked := v_name;
        END;
    END LOOP;

    IF v_locked IS NOT NULL THEN
        RAISE EXCEPTION '% is locked', v_locked USING ERRCODE = 'lock_not_available';
    END IF;
    RETURN NULL;
END
$$;

REVOKE EXECUTE ON FUNCTION holdfast.make_partition, holdfast.keep_partitions FROM PUBLIC;
