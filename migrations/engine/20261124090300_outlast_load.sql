-- Takes the world: records where the old ownership ended and begins a new one, whose first tick is the load itself.
-- The caller holds the world's advisory lock. It loads the world next and sends no beat meanwhile, so its first lease
-- outlasts a load; the first flush or beat makes it as short as any other.
CREATE OR REPLACE FUNCTION holdfast.take_world(p_world bigint, p_holder text, p_tag bigint)
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
