-- A world is one row. Whoever owns the world has put its number (epoch) and its random tag here, and every flush finds
-- them here or fails: that is the whole of what keeps two servers from writing the same world.

CREATE TABLE holdfast.worlds (
    id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name           text NOT NULL UNIQUE CHECK (name <> ''),
    -- Zero until somebody has owned the world.
    epoch          bigint NOT NULL DEFAULT 0,
    -- Random per epoch: a restored backup's epoch 6 is not the epoch 6 that was lost.
    epoch_tag      bigint NOT NULL DEFAULT 0,
    -- The tick of the last flush or beat.
    tick           bigint NOT NULL DEFAULT 0,
    -- No entity id from here on has ever been handed out. Even: odd ids are characters'.
    next_id        bigint NOT NULL DEFAULT 2 CHECK (next_id > 0 AND next_id % 2 = 0),
    -- Who owns the world, for people to read.
    holder         text,
    -- The owner's backend, so that it can be ended when the lease has run out. A pid alone may have been used again.
    holder_pid     integer,
    holder_started timestamptz,
    -- By this database's clock. Renewed by every flush and beat.
    lease_expires  timestamptz,
    -- Signs resume tokens, so that they outlive a restart of the server.
    resume_key     bytea NOT NULL CHECK (octet_length(resume_key) = 32),
    created        timestamptz NOT NULL DEFAULT now()
) WITH (fillfactor = 60);

-- Where each earlier ownership ended: a client's token of a past epoch counts as its tick or this end, whichever is
-- earlier.
CREATE TABLE holdfast.epoch_ends (
    world    bigint NOT NULL,
    epoch    bigint NOT NULL,
    tag      bigint NOT NULL,
    end_tick bigint NOT NULL,
    PRIMARY KEY (world, epoch)
);

-- How long an owner keeps the world without a flush or beat. It trusts itself for half of that.
CREATE FUNCTION holdfast.lease() RETURNS interval
    LANGUAGE sql IMMUTABLE
    AS $$ SELECT interval '5 seconds' $$;

-- The world of that name; made, without an owner, where there is none.
CREATE FUNCTION holdfast.declare_world(p_name text, p_resume_key bytea) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, holdfast, pg_temp
    AS $$
BEGIN
    INSERT INTO holdfast.worlds (name, resume_key) VALUES (p_name, p_resume_key) ON CONFLICT (name) DO NOTHING;
    RETURN (SELECT w.id FROM holdfast.worlds AS w WHERE w.name = p_name);
END
$$;

-- Ends the backend of an owner whose lease has run out, and says whether there was one. It only makes room: were the
-- old owner's last flush still on its way, the fence would refuse it.
CREATE FUNCTION holdfast.end_expired_holder(p_world bigint) RETURNS boolean
    LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, holdfast, pg_temp
    AS $$
    SELECT coalesce(bool_or(pg_terminate_backend(a.pid)), false)
    FROM holdfast.worlds AS w
    JOIN pg_stat_activity AS a ON a.pid = w.holder_pid AND a.backend_start = w.holder_started
    WHERE w.id = p_world AND w.lease_expires < clock_timestamp() AND a.pid <> pg_backend_pid()
$$;

-- Takes the world: records where the old ownership ended and begins a new one, whose first tick is the load itself.
-- The caller holds the world's advisory lock. It loads the world next and sends no beat meanwhile, so its first lease
-- outlasts a load; the first flush or beat makes it as short as any other.
CREATE FUNCTION holdfast.take_world(p_world bigint, p_holder text, p_tag bigint)
    RETURNS TABLE (epoch bigint, tick bigint, next_id bigint, resume_key bytea)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, holdfast, pg_temp
    AS $$
#variable_conflict use_column
BEGIN
    PERFORM 1 FROM holdfast.worlds WHERE id = p_world FOR UPDATE;
    INSERT INTO holdfast.epoch_ends (world, epoch, tag, end_tick)
        SELECT id, epoch, epoch_tag, tick FROM holdfast.worlds WHERE id = p_world AND epoch > 0;
    RETURN QUERY
        UPDATE holdfast.worlds AS w
        SET epoch = w.epoch + 1,
            epoch_tag = p_tag,
            tick = w.tick + 1,
            holder = p_holder,
            holder_pid = pg_backend_pid(),
            holder_started = (SELECT backend_start FROM pg_stat_activity WHERE pid = pg_backend_pid()),
            lease_expires = clock_timestamp() + interval '60 seconds' + holdfast.lease()
        WHERE w.id = p_world
        RETURNING w.epoch, w.tick, w.next_id, w.resume_key;
END
$$;

-- What the world's row says, once nobody writes it any more: waits for the transaction that holds the row. This is
-- how an owner learns whether a flush whose reply was lost is committed. An owner that still is one is noted with its
-- new backend.
CREATE FUNCTION holdfast.lock_world(p_world bigint, p_epoch bigint, p_tag bigint)
    RETURNS TABLE (epoch bigint, epoch_tag bigint, tick bigint)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, holdfast, pg_temp
    AS $$
#variable_conflict use_column
BEGIN
    PERFORM 1 FROM holdfast.worlds WHERE id = p_world FOR UPDATE;
    UPDATE holdfast.worlds
        SET holder_pid = pg_backend_pid(),
            holder_started = (SELECT backend_start FROM pg_stat_activity WHERE pid = pg_backend_pid())
        WHERE id = p_world AND epoch = p_epoch AND epoch_tag = p_tag;
    RETURN QUERY SELECT w.epoch, w.epoch_tag, w.tick FROM holdfast.worlds AS w WHERE w.id = p_world;
END
$$;

REVOKE EXECUTE ON FUNCTION holdfast.declare_world, holdfast.end_expired_holder, holdfast.take_world,
    holdfast.lock_world FROM PUBLIC;
