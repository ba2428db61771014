-- A world that was restored from a backup has the epoch, and the tag, of the ownership in which the backup was made. What
-- that ownership did afterwards is lost, and yet its clients hold tokens of it, with the same epoch and tag. So each
-- ownership notes in which tables it writes; where the next one finds the world in others, nobody knows any more where
-- the one before ended, and its tokens count for nothing: whoever shows one gets a snapshot.

ALTER TABLE holdfast.worlds ADD COLUMN place text;

-- Which tables these are: the cluster and the branch of its history, the database, the table, and the table's file. A
-- dump that is restored makes other ones, and so does a copy of the database; a recovery to a point in time begins
-- another branch. (Rewriting the table, as VACUUM FULL does, makes another file: that costs snapshots, and nothing else.)
-- What this role may not ask is left out.
CREATE FUNCTION holdfast.note_place() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, holdfast, pg_temp
    AS $$
DECLARE
    v_cluster text;
    v_branch  text;
    v_place   text;
BEGIN
    BEGIN
        SELECT system_identifier::text INTO v_cluster FROM pg_control_system();
    EXCEPTION WHEN insufficient_privilege THEN
        v_cluster := '?';
    END;
    BEGIN
        v_branch := substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8);
    EXCEPTION WHEN insufficient_privilege OR feature_not_supported THEN
        v_branch := '?';
    END;
    SELECT concat_ws('/', v_cluster, v_branch, d.oid, c.oid, pg_relation_filenode(c.oid)) INTO v_place
        FROM pg_database AS d, pg_class AS c
        WHERE d.datname = current_database() AND c.oid = 'holdfast.worlds'::regclass;
    IF OLD.place <> v_place THEN
        DELETE FROM holdfast.epoch_ends AS e WHERE e.world = OLD.id AND e.epoch = OLD.epoch;
    END IF;
    NEW.place := v_place;
    RETURN NEW;
END
$$;

-- Taking the world is the only thing that names the epoch: a flush does not come by here.
CREATE TRIGGER note_place BEFORE UPDATE OF epoch ON holdfast.worlds
    FOR EACH ROW EXECUTE FUNCTION holdfast.note_place();

REVOKE EXECUTE ON FUNCTION holdfast.note_place FROM PUBLIC;
