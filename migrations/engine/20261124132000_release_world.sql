-- An owner that ends in order gives its lease back: whoever comes next, if only the same server started again, need not
-- wait to learn whether it is still there.

CREATE FUNCTION holdfast.release_world(p_world bigint, p_epoch bigint, p_tag bigint) RETURNS void
    LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, holdfast, pg_temp
    AS $$
    UPDATE holdfast.worlds SET lease_expires = NULL
    WHERE id = p_world AND epoch = p_epoch AND epoch_tag = p_tag
$$;

REVOKE EXECUTE ON FUNCTION holdfast.release_world FROM PUBLIC;
