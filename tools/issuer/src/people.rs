//! Who can sign in: a few people who are there from the beginning, and whoever types a name.

/// The most characters of a typed name.
pub const NAME_CHARS_MAX: usize = 32;

/// What somebody may do in the world, as the tokens' claim `roles` says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Plays.
    Player,
    /// Looks into the world, and edits where that is allowed.
    Designer,
    /// Runs the server.
    Operator,
}

impl Role {
    /// The role's name in a token.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Player => "player",
            Self::Designer => "designer",
            Self::Operator => "operator",
        }
    }
}

/// Somebody who signs in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// What tokens call the person, for ever.
    pub subject: String,
    /// What people call the person.
    pub name: String,
    /// What the person may do.
    pub roles: Vec<Role>,
}

impl Person {
    /// A player. The subject is the name in small letters.
    #[must_use]
    pub fn player(name: &str) -> Self {
        Self { subject: name.to_lowercase(), name: name.to_owned(), roles: vec![Role::Player] }
    }

    /// The same with a further role.
    #[must_use]
    pub fn with_role(mut self, role: Role) -> Self {
        self.roles.push(role);
        self
    }

    /// The player with a typed name; none where the name will not do. The same name, in small letters or large, is
    /// the same person next time.
    ///
    /// A name is 1 to [`NAME_CHARS_MAX`] letters and digits, with single spaces, hyphens, dots and apostrophes between
    /// them.
    #[must_use]
    pub fn by_name(text: &str) -> Option<Self> {
        let name = text.trim();
        let mut joined = true;
        for character in name.chars() {
            let joins = matches!(character, ' ' | '-' | '.' | '\'');
            if (joins && joined) || !(joins || character.is_alphanumeric()) {
                return None;
            }
            joined = joins;
        }
        (!joined && name.chars().count() <= NAME_CHARS_MAX).then(|| Self::player(name))
    }
}

/// Those who are there from the beginning: players, a designer and an operator.
#[must_use]
pub fn ready_made() -> Vec<Person> {
    let mut people: Vec<Person> =
        ["Ada", "Bob", "Cleo", "Dan", "Eve", "Finn"].into_iter().map(Person::player).collect();
    people.push(Person::player("Iris").with_role(Role::Designer));
    people.push(Person::player("Otto").with_role(Role::Operator));
    people
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_the_same_person_next_time() {
        let subjects = ["Jörg", " jörg ", "JÖRG"].map(|name| Person::by_name(name).unwrap().subject);
        assert_eq!(subjects, ["jörg", "jörg", "jörg"]);
        assert_eq!(Person::by_name("Mary-Ann O'Neil").unwrap().name, "Mary-Ann O'Neil");
    }

    #[test]
    fn a_name_that_could_confuse_is_refused() {
        let long = "x".repeat(NAME_CHARS_MAX + 1);
        for name in ["", "  ", "-", "a  b", "a-", "<b>", "a\u{0}", "a\u{202e}b", "a/b", long.as_str()] {
            assert_eq!(Person::by_name(name), None, "{name:?}");
        }
    }
}
