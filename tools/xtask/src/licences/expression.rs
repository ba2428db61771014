//! Licence expressions: `MIT OR (Apache-2.0 WITH LLVM-exception AND ISC)`, and the older `MIT/Apache-2.0`.

use std::collections::BTreeSet;
use std::iter::Peekable;
use std::vec::IntoIter;

/// Whether the licences in `allow` satisfy an expression. One that cannot be read is satisfied by nothing.
pub(super) fn is_allowed(expression: &str, allow: &BTreeSet<String>) -> bool {
    let spaced = expression.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
    let tokens: Vec<_> = spaced.split_whitespace().map(str::to_owned).collect();
    let mut reader = Reader { tokens: tokens.into_iter().peekable(), allow };
    let allowed = reader.alternatives();
    allowed == Some(true) && reader.tokens.next().is_none()
}

struct Reader<'a> {
    tokens: Peekable<IntoIter<String>>,
    allow: &'a BTreeSet<String>,
}

impl Reader<'_> {
    fn alternatives(&mut self) -> Option<bool> {
        let mut allowed = self.conjunction()?;
        while self.tokens.next_if(|token| token == "OR").is_some() {
            allowed |= self.conjunction()?;
        }
        Some(allowed)
    }

    fn conjunction(&mut self) -> Option<bool> {
        let mut allowed = self.licence()?;
        while self.tokens.next_if(|token| token == "AND").is_some() {
            allowed &= self.licence()?;
        }
        Some(allowed)
    }

    fn licence(&mut self) -> Option<bool> {
        let mut name = self.tokens.next()?;
        if name == "(" {
            let allowed = self.alternatives();
            return self.tokens.next_if(|token| token == ")").and(allowed);
        }
        if self.tokens.next_if(|token| token == "WITH").is_some() {
            name = format!("{name} WITH {}", self.tokens.next()?);
        }
        Some(self.allow.contains(&name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_are_read_as_they_are_written() {
        let allow = ["MIT", "ISC", "Apache-2.0 WITH LLVM-exception"].map(str::to_owned).into();
        for (expression, expected) in [
            ("MIT", true),
            ("GPL-3.0 OR MIT", true),
            ("GPL-3.0/MIT", true),
            ("MIT AND GPL-3.0", false),
            ("ISC AND (GPL-3.0 OR MIT)", true),
            ("GPL-3.0 OR ISC AND GPL-2.0", false),
            ("Apache-2.0 WITH LLVM-exception", true),
            ("Apache-2.0", false),
            ("", false),
            ("MIT MIT", false),
            ("(MIT", false),
        ] {
            assert_eq!(is_allowed(expression, &allow), expected, "{expression}");
        }
    }
}
