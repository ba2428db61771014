-- People and what they play. Both are made outside of any tick, each in a transaction of its own: a race for a name
-- must never fail a flush.

-- A person, known only as what an identity provider calls them.
CREATE TABLE holdfast.accounts (
    id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    issuer  text NOT NULL,
    subject text NOT NULL,
    UNIQUE (issuer, subject)
);

-- A character's number is an entity id. They are odd, and counted here; the world hands out the even ones.
CREATE TABLE holdfast.characters (
    id        bigint GENERATED ALWAYS AS IDENTITY (START WITH 1 INCREMENT BY 2) PRIMARY KEY,
    world     bigint NOT NULL REFERENCES holdfast.worlds,
    account   bigint NOT NULL REFERENCES holdfast.accounts,
    name      text NOT NULL CHECK (name ~ '^[A-Z][a-z]{2,15}$'),
    archetype text NOT NULL,
    created   timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX characters_name ON holdfast.characters (world, lower(name));
CREATE INDEX characters_account ON holdfast.characters (account, world);

-- What makes a character's actions happen exactly once: written by the flush of the tick that decided them.
CREATE TABLE holdfast.character_actions (
    world         bigint NOT NULL,
    entity        bigint NOT NULL,
    tick          bigint NOT NULL,
    last_seq      bigint NOT NULL,
    session_epoch bigint NOT NULL,
    -- The last 64 verdicts, beginning with a format version.
    ring          bytea NOT NULL CHECK (octet_length(ring) <= 800),
    PRIMARY KEY (world, entity)
) WITH (fillfactor = 60, autovacuum_vacuum_scale_factor = 0.01);
-- Rings are rewritten with every action: moving them aside would only write them twice.
ALTER TABLE holdfast.character_actions ALTER COLUMN ring SET STORAGE PLAIN;

-- Makes a character, or says why not: `name_invalid`, `too_many`, `name_taken`. Asked once more for what the account has
-- already, it says `created` again: the first answer may have been lost. The account's row is locked while its
-- characters are counted, so that two requests cannot both be the tenth.
CREATE FUNCTION holdfast.create_character(
    p_world bigint, p_issuer text, p_subject text, p_name text, p_archetype text, p_count_max bigint
)
    RETURNS TABLE (outcome text, id bigint)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, holdfast, pg_temp
    AS $$
#variable_conflict use_column
DECLARE
    v_account bigint;
    v_id      bigint;
BEGIN
    IF p_name !~ '^[A-Z][a-z]{2,15}$' THEN
        RETURN QUERY SELECT 'name_invalid', NULL::bigint;
        RETURN;
    END IF;
    SELECT c.id INTO v_id
        FROM holdfast.characters AS c
        JOIN holdfast.accounts AS a ON a.id = c.account
        WHERE c.world = p_world AND lower(c.name) = lower(p_name) AND c.archetype = p_archetype
            AND a.issuer = p_issuer AND a.subject = p_subject;
    IF FOUND THEN
        RETURN QUERY SELECT 'created', v_id;
        RETURN;
    END IF;
    INSERT INTO holdfast.accounts (issuer, subject) VALUES (p_issuer, p_subject)
        ON CONFLICT (issuer, subject) DO NOTHING;
    SELECT a.id INTO v_account FROM holdfast.accounts AS a
        WHERE a.issuer = p_issuer AND a.subject = p_subject FOR UPDATE;
    IF (SELECT count(*) FROM holdfast.characters AS c WHERE c.account = v_account AND c.world = p_world)
        >= p_count_max
    THEN
        RETURN QUERY SELECT 'too_many', NULL::bigint;
        RETURN;
    END IF;
    INSERT INTO holdfast.characters AS c (world, account, name, archetype)
        VALUES (p_world, v_account, p_name, p_archetype)
        ON CONFLICT (world, lower(name)) DO NOTHING
        RETURNING c.id INTO v_id;
    RETURN QUERY SELECT CASE WHEN v_id IS NULL THEN 'name_taken' ELSE 'created' END, v_id;
END
$$;

-- An account's characters in a world, oldest first.
CREATE FUNCTION holdfast.characters_of(p_world bigint, p_issuer text, p_subject text)
    RETURNS TABLE (id bigint, name text, archetype text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, holdfast, pg_temp
    AS $$
    SELECT c.id, c.name, c.archetype
    FROM holdfast.accounts AS a
    JOIN holdfast.characters AS c ON c.account = a.id AND c.world = p_world
    WHERE a.issuer = p_issuer AND a.subject = p_subject
    ORDER BY c.id
$$;

REVOKE EXECUTE ON FUNCTION holdfast.create_character, holdfast.characters_of FROM PUBLIC;
