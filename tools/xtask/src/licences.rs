//! What our dependencies are licensed under, where they come from, and whether any is there twice: the parts of
//! `deny.toml` that can be read without a database.

mod expression;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, bail, ensure};
use serde::Deserialize;

/// The parts of `deny.toml` that are checked here.
#[derive(Deserialize)]
struct Policy {
    licenses: Licenses,
    sources: Sources,
    bans: Bans,
}

#[derive(Deserialize)]
struct Licenses {
    allow: BTreeSet<String>,
}

#[derive(Deserialize)]
struct Sources {
    #[serde(rename = "allow-registry")]
    allow_registry: BTreeSet<String>,
}

#[derive(Deserialize)]
struct Bans {
    skip: Vec<Skip>,
}

#[derive(Deserialize)]
struct Skip {
    #[serde(rename = "crate")]
    package: String,
}

/// The part of `cargo metadata` that is needed.
#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    version: String,
    license: Option<String>,
    source: Option<String>,
}

/// Checks the locked dependencies and says how many there are.
///
/// # Errors
/// Where the lock file is not up to date, or the policy forbids something; each is named.
pub(crate) fn report(root: &Path, cargo: &Path) -> Result<String> {
    let text = std::fs::read_to_string(root.join("deny.toml")).context("read deny.toml")?;
    let policy: Policy = toml::from_str(&text).context("understand deny.toml")?;
    let output = Command::new(cargo)
        .args(["metadata", "--locked", "--format-version=1"])
        .current_dir(root)
        .output()
        .context("run cargo metadata")?;
    ensure!(output.status.success(), "cargo metadata: {}", String::from_utf8_lossy(&output.stderr).trim());
    let metadata: Metadata = serde_json::from_slice(&output.stdout).context("understand cargo metadata")?;
    let breaches = check(&policy, &metadata.packages);
    if !breaches.is_empty() {
        bail!("deny.toml forbids:\n  {}", breaches.join("\n  "));
    }
    let count = metadata.packages.iter().filter(|package| package.source.is_some()).count();
    Ok(format!(
        "{count} dependencies; the advisory database was not consulted (`cargo deny check` does that)"
    ))
}

fn check(policy: &Policy, packages: &[Package]) -> Vec<String> {
    let mut breaches = Vec::new();
    let mut versions: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut skipped = BTreeSet::new();
    for Package { name, version, license, source } in packages {
        let licence = license.as_deref().unwrap_or_default();
        if !expression::is_allowed(licence, &policy.licenses.allow) {
            breaches.push(format!("{name} {version}: its licence is `{licence}`"));
        }
        let Some(source) = source else { continue };
        if !source.strip_prefix("registry+").is_some_and(|url| policy.sources.allow_registry.contains(url)) {
            breaches.push(format!("{name} {version}: it comes from {source}"));
        }
        match policy.bans.skip.iter().find(|skip| skip.is_of(name, version)) {
            Some(skip) => _ = skipped.insert(skip.package.as_str()),
            None => versions.entry(name).or_default().push(version),
        }
    }
    for (name, versions) in versions {
        if versions.len() > 1 {
            breaches.push(format!("{name}: in several versions, {}", versions.join(" and ")));
        }
    }
    for skip in &policy.bans.skip {
        if !skipped.contains(skip.package.as_str()) {
            breaches.push(format!("{}: an exception that nothing needs any more", skip.package));
        }
    }
    breaches
}

impl Skip {
    /// `base64@0.22` is every 0.22.x, `syn@2` every 2.x.
    fn is_of(&self, name: &str, version: &str) -> bool {
        let Some((skipped, prefix)) = self.package.split_once('@') else { return self.package == name };
        let rest = version.strip_prefix(prefix);
        skipped == name && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy() -> Policy {
        toml::from_str(
            "licenses.allow = ['MIT']\nsources.allow-registry = ['https://good']\nbans.skip = [{ crate = 'old@0.2' }]",
        )
        .unwrap()
    }

    fn package(name: &str, version: &str, license: &str, source: &str) -> Package {
        Package {
            name: name.into(),
            version: version.into(),
            license: Some(license.into()),
            source: Some(source.into()),
        }
    }

    #[test]
    fn what_the_policy_forbids_is_named() {
        let good = "registry+https://good";
        let packages = [
            package("old", "0.2.7", "MIT", good),
            package("old", "0.3.0", "MIT OR GPL-3.0", good),
            package("copyleft", "1.0.0", "GPL-3.0", good),
            package("foreign", "1.0.0", "MIT", "git+https://elsewhere"),
            package("twice", "1.0.0", "MIT", good),
            package("twice", "2.0.0", "MIT", good),
        ];
        let breaches = check(&policy(), &packages);
        let named: Vec<_> = breaches.iter().filter_map(|breach| breach.split([' ', ':']).next()).collect();
        assert_eq!(named, ["copyleft", "foreign", "twice"]);
    }

    #[test]
    fn an_exception_that_nothing_needs_is_named() {
        assert_eq!(check(&policy(), &[]).len(), 1);
    }
}
