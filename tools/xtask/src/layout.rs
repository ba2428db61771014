//! The layout check: invariants that the crates' boundaries cannot hold by themselves, by path, manifest and name.
//!
//! A rule is a name, a reason that is printed with each breach, and a function from the tree to its breaches. To add
//! one: a rule in `rules.rs`, and a made-up tree that breaks it in `tests.rs`.

mod code;
mod rules;
#[cfg(test)]
mod tests;
mod tree;

use std::path::Path;

use anyhow::{Result, bail};

use rules::RULES;
use tree::Tree;

/// Checks the tree at `root` and says how many files and rules there were.
///
/// # Errors
/// Where a rule is broken; the error lists each breach with the rule's reason.
pub(crate) fn report(root: &Path) -> Result<String> {
    let tree = Tree::read(root)?;
    let breaches = check(&tree);
    if !breaches.is_empty() {
        bail!("the layout is broken:\n{}", breaches.join("\n"));
    }
    Ok(format!("{} rules hold for {} files", RULES.len(), tree.len()))
}

/// Every breach of every rule, as a text for people.
fn check(tree: &Tree) -> Vec<String> {
    let mut breaches = Vec::new();
    for rule in RULES {
        for breach in (rule.check)(tree) {
            breaches.push(format!("  {}: {breach}\n      why: {}", rule.name, rule.reason));
        }
    }
    breaches
}
