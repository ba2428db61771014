-- A server's login owns nothing: it calls functions, some of which act with the owner's rights, and reads tables. What
-- PostgreSQL tells of a backend it tells only to the backend's own login, so whatever asks that acts with the caller's
-- rights from here on. All servers of a world use one login: each can then see and end the backends of the others.

-- Ends the backend of an owner whose lease has run out, and says whether there was one. It only makes room: were the
-- old owner's last flush still on its way, the fence would refuse it. With the caller's rights, so that no login ends
-- what is not its own.
CREATE OR REPLACE FUNCTION holdfast.end_expired_holder(p_world bigint) RETURNS boolean
    LANGUAGE sql SET search_path = pg_catalog, holdfast, pg_temp
    AS $$
    SELECT coalesce(bool_or(pg_terminate_backend(a.pid)), false)
    FROM holdfast.worlds AS w
    JOIN pg_stat_activity AS a ON a.pid = w.holder_pid AND a.backend_start = w.holder_started
    WHERE w.id = p_world AND w.lease_expires < clock_timestamp() AND a.pid <> pg_backend_pid()
$$;

-- Takes the world for a backend: `take_world` is what is called.
CREATE FUNCTION holdfast.take_world_for(
    p_world bigint, p_holder text, p_tag bigint, p_pid integer, p_started timestamptz
)
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
            holder_pid = p_pid,
            holder_started = p_started,
            lease_expires = clock_timestamp() + interval '60 seconds' + holdfast.lease()
        WHERE w.id = p_world
        RETURNING w.epoch, w.tick, w.next_id, w.resume_key;
END
$$;

-- Takes the world: records where the old ownership ended and begins a new one, whose first tick is the load itself.
-- The caller holds the world's advisory lock. It loads the world next and sends no beat meanwhile, so its first lease
-- outlasts a load; the first flush or beat makes it as short as any other.
CREATE OR REPLACE FUNCTION holdfast.take_world(p_world bigint, p_holder text, p_tag bigint)
    RETURNS TABLE (epoch bigint, tick bigint, next_id bigint, resume_key bytea)
    LANGUAGE sql SET search_path = pg_catalog, holdfast, pg_temp
    AS $$
    SELECT t.epoch, t.tick, t.next_id, t.resume_key
    FROM pg_stat_activity AS a,
        LATERAL holdfast.take_world_for(p_world, p_holder, p_tag, a.pid, a.backend_start) AS t
    WHERE a.pid = pg_backend_pid()
$$;

-- Locks the world's row for a backend: `lock_world` is what is called.
CREATE FUNCTION holdfast.lock_world_for(
    p_world bigint, p_epoch bigint, p_tag bigint, p_pid integer, p_started timestamptz
)
    RETURNS TABLE (epoch bigint, epoch_tag bigint, tick bigint)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, holdfast, pg_temp
    AS $$
#variable_conflict use_column
BEGIN
    PERFORM 1 FROM holdfast.worlds WHERE id = p_world FOR UPDATE;
    UPDATE holdfast.worlds
        SET holder_pid = p_pid, holder_started = p_started
        WHERE id = p_world AND epoch = p_epoch AND epoch_tag = p_tag;
    RETURN QUERY SELECT w.epoch, w.epoch_tag, w.tick FROM holdfast.worlds AS w WHERE w.id = p_world;
END
$$;

-- What the world's row says, once nobody writes it any more: waits for the transaction that holds the row. This is
-- how an owner learns whether a flush whose reply was lost is committed. An owner that still is one is noted with its
-- new backend.
CREATE OR REPLACE FUNCTION holdfast.lock_world(p_world bigint, p_epoch bigint, p_tag bigint)
    RETURNS TABLE (epoch bigint, epoch_tag bigint, tick bigint)
    LANGUAGE sql SET search_path = pg_catalog, holdfast, pg_temp
    AS $$
    SELECT t.epoch, t.epoch_tag, t.tick
    FROM pg_stat_activity AS a,
        LATERAL holdfast.lock_world_for(p_world, p_epoch, p_tag, a.pid, a.backend_start) AS t
    WHERE a.pid = pg_backend_pid()
$$;

REVOKE EXECUTE ON FUNCTION holdfast.take_world_for, holdfast.lock_world_for FROM PUBLIC;
