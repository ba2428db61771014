//! Who may do what in the database: the owner, the servers' login, the readers.
//!
//! Three roles. The **owner** runs `migrate` and owns schema, tables and functions. A **writer** is a server's login: it
//! reads tables and calls functions, some of which act with the owner's rights; that is its only way to change anything.
//! A **reader** is for people and tools that look. What the two may do is not written down once per table but follows
//! from what there is ([`catalog`]), so that a later migration's tables and functions need no grants of their own:
//! `migrate` mends every [`Difference`], a server refuses to start where its login may do too much or too little, and
//! `doctor` names each of them.

mod catalog;

use std::fmt;

use sqlx::PgConnection;

/// The roles that `migrate` grants rights to. A login may be such a role, or a member of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Roles {
    /// For servers.
    pub writer: String,
    /// For people and tools that look.
    pub reader: String,
}

impl Default for Roles {
    fn default() -> Self {
        Self { writer: "holdfast_writer".to_owned(), reader: "holdfast_reader".to_owned() }
    }
}

/// What a role is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// It reads all tables and calls all functions.
    Writer,
    /// It reads all tables but for what is secret (`SECRETS` in [`catalog`]), and calls what acts with the caller's rights.
    Reader,
}

/// Whether a role has a right that it should not have, or lacks one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Balance {
    /// It has it.
    TooMuch,
    /// It lacks it.
    TooLittle,
}

/// Who can mend a difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MendedBy {
    /// The owner of the schema: `migrate` does it.
    Migrate,
    /// Somebody who may change roles.
    Administrator,
}

/// One difference between what a role may do and what it should.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Difference {
    pub(crate) balance: Balance,
    /// As in `INSERT, UPDATE on table holdfast.entities`.
    pub(crate) right: String,
    /// The statement that mends it.
    pub(crate) mend: String,
    pub(crate) mended_by: MendedBy,
}

/// How many differences a sentence names; the rest is counted.
const NAMED_MAX: usize = 4;

/// How `role`, which is to do `part`, differs from what it should be. Nothing where there is no schema yet, but for what
/// no role of a world may be.
pub(crate) async fn differences(
    connection: &mut PgConnection,
    role: &str,
    part: Part,
) -> Result<Vec<Difference>, sqlx::Error> {
    let powers = catalog::powers(connection, role).await?;
    if !powers.is_empty() {
        // Who may do everything may also do each single thing: that need not be told one by one.
        return Ok(powers);
    }
    catalog::grants(connection, role, part).await
}

/// As which role a connection is there, and how that differs from what a server's login should be.
pub(crate) async fn own_differences(
    connection: &mut PgConnection,
) -> Result<(String, Vec<Difference>), sqlx::Error> {
    let role: String = sqlx::query_scalar("SELECT current_user::text").fetch_one(&mut *connection).await?;
    let found = differences(connection, &role, Part::Writer).await?;
    Ok((role, found))
}

/// One sentence on what a server's login may do and should not; none where that is nothing.
pub(crate) fn excess(role: &str, differences: &[Difference]) -> Option<String> {
    let found = of(Balance::TooMuch, differences);
    (!found.is_empty()).then(|| {
        format!(
            "The role {role} may do more than a server should: {}. Give the server a role of its own, or mend it \
             with: {}",
            Listed(&found, |difference| &difference.right),
            Listed(&found, |difference| &difference.mend),
        )
    })
}

/// One sentence on the rights that a server's login lacks; none where it lacks none.
pub(crate) fn lack(role: &str, differences: &[Difference]) -> Option<String> {
    let found = of(Balance::TooLittle, differences);
    (!found.is_empty()).then(|| {
        format!(
            "The role {role} lacks rights that a server needs: {}. Run `migrate` with this build as the owner; where \
             that granted them to another role, run: GRANT that role TO {}",
            Listed(&found, |difference| &difference.right),
            quoted(role),
        )
    })
}

fn of(balance: Balance, differences: &[Difference]) -> Vec<&Difference> {
    differences.iter().filter(|difference| difference.balance == balance).collect()
}

/// The first of them, and how many more there are.
struct Listed<'a>(&'a [&'a Difference], fn(&Difference) -> &str);

impl fmt::Display for Listed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(differences, text) = self;
        for (number, difference) in differences.iter().take(NAMED_MAX).enumerate() {
            let between = if number == 0 { "" } else { "; " };
            write!(f, "{between}{}", text(difference))?;
        }
        match differences.len().saturating_sub(NAMED_MAX) {
            0 => Ok(()),
            more => write!(f, "; and {more} more"),
        }
    }
}

/// A name as it stands in SQL.
pub(crate) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn difference(balance: Balance, right: &str) -> Difference {
        Difference {
            balance,
            right: right.to_owned(),
            mend: format!("mend {right}"),
            mended_by: MendedBy::Migrate,
        }
    }

    #[test]
    fn what_is_too_much_and_what_is_lacking_are_said_apart() {
        let differences =
            [difference(Balance::TooLittle, "SELECT on a"), difference(Balance::TooMuch, "DELETE on b")];
        let text = excess("server", &differences).unwrap();
        assert!(text.contains("DELETE on b") && !text.contains("SELECT on a"), "{text}");
        let text = lack("ser\"ver", &differences).unwrap();
        assert!(text.contains("SELECT on a") && text.contains("GRANT that role TO \"ser\"\"ver\""), "{text}");
        assert_eq!((excess("server", &differences[..1]), lack("server", &differences[1..])), (None, None));
    }

    #[test]
    fn a_long_list_is_counted() {
        let differences: Vec<_> =
            (0..7).map(|number| difference(Balance::TooMuch, &format!("r{number}"))).collect();
        let text = excess("server", &differences).unwrap();
        assert!(text.contains("r3; and 3 more") && !text.contains("r4"), "{text}");
    }
}
