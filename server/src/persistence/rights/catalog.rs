//! What PostgreSQL's catalog says of a role's rights, held against what they should be.

use sqlx::{PgConnection, Row as _};

use super::{Balance, Difference, MendedBy, Part};

/// Columns that only a server reads: whoever has the key can sign resume tokens.
const SECRETS: &[(&str, &str)] = &[("worlds", "resume_key")];

/// What makes a role more than a writer or a reader of one world: each as what it may do, and what takes that from it.
const POWERS: &str = r"
    SELECT p.may, format(p.mend, r.rolname)
    FROM pg_roles AS r, LATERAL (VALUES
        (r.rolsuper, 'everything, as a superuser', 'ALTER ROLE %I NOSUPERUSER'),
        (r.rolcreaterole, 'CREATEROLE', 'ALTER ROLE %I NOCREATEROLE'),
        (r.rolcreatedb, 'CREATEDB', 'ALTER ROLE %I NOCREATEDB'),
        (r.rolreplication, 'REPLICATION', 'ALTER ROLE %I NOREPLICATION'),
        (r.rolbypassrls, 'BYPASSRLS', 'ALTER ROLE %I NOBYPASSRLS')
    ) AS p (has, may, mend)
    WHERE r.rolname = $1 AND p.has AND (NOT r.rolsuper OR p.may LIKE 'everything%')
    UNION ALL
    -- What it is a member of it can become, whether it inherits or not.
    SELECT format('everything that the role %s may', g.rolname), format('REVOKE %I FROM %I', g.rolname, $1)
    FROM pg_roles AS r, pg_roles AS g
    WHERE r.rolname = $1 AND NOT r.rolsuper AND g.oid <> r.oid AND pg_has_role(r.oid, g.oid, 'MEMBER')
        AND (g.rolsuper OR g.rolcreaterole OR g.rolcreatedb OR g.rolreplication OR g.rolbypassrls
            OR g.rolname IN ('pg_write_all_data', 'pg_write_server_files', 'pg_execute_server_program',
                'pg_read_server_files'))
    UNION ALL
    SELECT format('everything in the schema holdfast, which is %s',
            CASE WHEN o.oid = r.oid THEN 'its own' ELSE 'the role ' || o.rolname || '''s, of which it is a member' END),
        CASE WHEN o.oid = r.oid THEN 'ALTER SCHEMA holdfast OWNER TO another role'
            ELSE format('REVOKE %I FROM %I', o.rolname, $1) END
    FROM pg_namespace AS n JOIN pg_roles AS o ON o.oid = n.nspowner, pg_roles AS r
    WHERE n.nspname = 'holdfast' AND r.rolname = $1 AND NOT r.rolsuper AND pg_has_role(r.oid, o.oid, 'MEMBER')
";

/// Rights on schema, database, and those tables and functions in the schema that are its owner's: what somebody else has
/// put there is no part of the world. $2 says whether the role is a writer; $3 and $4 are the secrets.
const GRANTS: &str = r"
    WITH tables AS (
        -- The journal's days come and go; they are read through their parents.
        SELECT c.oid, format('holdfast.%I', c.relname) AS name, c.relname::text AS bare,
            c.relispartition OR c.relname ~ '_[0-9]{8}(_expired)?$' AS is_day
        FROM pg_class AS c
        JOIN pg_namespace AS n ON n.oid = c.relnamespace AND n.nspowner = c.relowner
        WHERE n.nspname = 'holdfast' AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
    ), columns AS (
        SELECT t.oid, t.name, t.bare, t.is_day, a.attname::text AS column, format('%I', a.attname) AS quoted,
            NOT $2 AND EXISTS (
                SELECT FROM unnest($3::text[], $4::text[]) AS s (t, c) WHERE s.t = t.bare AND s.c = a.attname
            ) AS is_secret
        FROM tables AS t
        JOIN pg_attribute AS a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
    ), functions AS (
        SELECT p.oid, p.prosecdef, format('holdfast.%I', p.proname) AS short,
            format('holdfast.%I(%s)', p.proname, pg_get_function_identity_arguments(p.oid)) AS name
        FROM pg_proc AS p
        JOIN pg_namespace AS n ON n.oid = p.pronamespace AND n.nspowner = p.proowner
        WHERE n.nspname = 'holdfast' AND p.prokind IN ('f', 'w')
    )
    SELECT false AS is_excess, 'USAGE on schema holdfast' AS may, format('GRANT USAGE ON SCHEMA holdfast TO %I', $1) AS mend
    FROM pg_namespace AS n WHERE n.nspname = 'holdfast' AND NOT has_schema_privilege($1, n.oid, 'USAGE')
    UNION ALL
    SELECT true, 'CREATE on schema holdfast', format('REVOKE CREATE ON SCHEMA holdfast FROM PUBLIC, %I', $1)
    FROM pg_namespace AS n WHERE n.nspname = 'holdfast' AND has_schema_privilege($1, n.oid, 'CREATE')
    UNION ALL
    SELECT true, format('CREATE on database %s', current_database()),
        format('REVOKE CREATE ON DATABASE %I FROM PUBLIC, %I', current_database(), $1)
    WHERE has_database_privilege($1, current_database(), 'CREATE')
    UNION ALL
    SELECT false, format('SELECT on table %s', t.name),
        CASE WHEN bool_or(t.is_secret)
            THEN format('GRANT SELECT (%s) ON %s TO %I',
                string_agg(t.quoted, ', ' ORDER BY t.column) FILTER (WHERE NOT t.is_secret), t.name, $1)
            ELSE format('GRANT SELECT ON %s TO %I', t.name, $1) END
    FROM columns AS t WHERE NOT t.is_day
    GROUP BY t.oid, t.name
    HAVING bool_or(NOT t.is_secret AND NOT has_column_privilege($1, t.oid, t.column, 'SELECT'))
    UNION ALL
    SELECT true, format('SELECT on table %s, column %s', t.name, t.column),
        format('REVOKE SELECT ON %s FROM PUBLIC, %I', t.name, $1)
    FROM columns AS t WHERE t.is_secret AND has_column_privilege($1, t.oid, t.column, 'SELECT')
    UNION ALL
    SELECT true, format('%s on table %s', string_agg(w.privilege, ', '), t.name),
        format('REVOKE %s ON %s FROM PUBLIC, %I', string_agg(w.privilege, ', '), t.name, $1)
    FROM tables AS t CROSS JOIN unnest(ARRAY['INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'TRIGGER']) AS w (privilege)
    WHERE has_table_privilege($1, t.oid, w.privilege)
        OR CASE WHEN w.privilege IN ('INSERT', 'UPDATE') THEN has_any_column_privilege($1, t.oid, w.privilege) END
    GROUP BY t.oid, t.name
    UNION ALL
    SELECT false, format('EXECUTE on function %s', p.short), format('GRANT EXECUTE ON FUNCTION %s TO %I', p.name, $1)
    FROM functions AS p WHERE ($2 OR NOT p.prosecdef) AND NOT has_function_privilege($1, p.oid, 'EXECUTE')
    UNION ALL
    SELECT true, format('EXECUTE on function %s', p.short),
        format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC, %I', p.name, $1)
    FROM functions AS p WHERE NOT $2 AND p.prosecdef AND has_function_privilege($1, p.oid, 'EXECUTE')
    ORDER BY 1 DESC, 2
";

/// What the role is that no role of a world may be.
pub(super) async fn powers(
    connection: &mut PgConnection,
    role: &str,
) -> Result<Vec<Difference>, sqlx::Error> {
    let rows = sqlx::query(POWERS).bind(role).fetch_all(connection).await?;
    rows.iter()
        .map(|row| {
            Ok(Difference {
                balance: Balance::TooMuch,
                right: row.try_get(0)?,
                mend: row.try_get(1)?,
                mended_by: MendedBy::Administrator,
            })
        })
        .collect()
}

/// How its grants differ from what they should be.
pub(super) async fn grants(
    connection: &mut PgConnection,
    role: &str,
    part: Part,
) -> Result<Vec<Difference>, sqlx::Error> {
    let (tables, columns): (Vec<&str>, Vec<&str>) = SECRETS.iter().copied().unzip();
    let rows = sqlx::query(GRANTS)
        .bind(role)
        .bind(part == Part::Writer)
        .bind(tables)
        .bind(columns)
        .fetch_all(connection)
        .await?;
    rows.iter()
        .map(|row| {
            let is_excess: bool = row.try_get(0)?;
            Ok(Difference {
                balance: if is_excess { Balance::TooMuch } else { Balance::TooLittle },
                right: row.try_get(1)?,
                mend: row.try_get(2)?,
                mended_by: MendedBy::Migrate,
            })
        })
        .collect()
}
