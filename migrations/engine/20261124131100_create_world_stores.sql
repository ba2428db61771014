-- Which PostgreSQL kept a world when a server last took it or found it again: a start that finds another one says so.
-- What it does not tell is NULL.

CREATE TABLE holdfast.world_stores (
    world             bigint PRIMARY KEY,
    -- The cluster's number, which `initdb` has drawn.
    system_identifier text,
    -- Which branch of its history was being written.
    timeline          bigint,
    seen              timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- Remembers which one it is now, and says which one it was; no row where nobody has looked before.
CREATE FUNCTION holdfast.note_store(p_world bigint, p_system_identifier text, p_timeline bigint)
    RETURNS TABLE (system_identifier text, timeline bigint)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, holdfast, pg_temp
    AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY SELECT s.system_identifier, s.timeline FROM holdfast.world_stores AS s WHERE s.world = p_world;
    INSERT INTO holdfast.world_stores AS s (world, system_identifier, timeline)
        VALUES (p_world, p_system_identifier, p_timeline)
        ON CONFLICT (world) DO UPDATE SET seen = clock_timestamp(),
            system_identifier = coalesce(excluded.system_identifier, s.system_identifier),
            timeline = coalesce(excluded.timeline, s.timeline);
END
$$;

REVOKE EXECUTE ON FUNCTION holdfast.note_store FROM PUBLIC;
